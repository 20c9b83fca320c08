// Original file: proto/dispatcher.proto

import type { AppliedView as _skein_v1_AppliedView, AppliedView__Output as _skein_v1_AppliedView__Output } from '../../skein/v1/AppliedView.ts';

export interface ViewsApplied {
  'views'?: (_skein_v1_AppliedView)[];
}

export interface ViewsApplied__Output {
  'views': (_skein_v1_AppliedView__Output)[];
}
