// Original file: proto/specs.proto

import type { Annotations as _skein_v1_Annotations, Annotations__Output as _skein_v1_Annotations__Output } from '../../skein/v1/Annotations.ts';
import type { Templating as _skein_v1_Templating, Templating__Output as _skein_v1_Templating__Output } from '../../skein/v1/Templating.ts';

export interface ConfigSpec {
  'annotations'?: (_skein_v1_Annotations | null);
  'data'?: (Buffer | Uint8Array | string);
  'templating'?: (_skein_v1_Templating | null);
  '_templating'?: "templating";
}

export interface ConfigSpec__Output {
  'annotations': (_skein_v1_Annotations__Output | null);
  'data': (Buffer);
  'templating'?: (_skein_v1_Templating__Output | null);
  '_templating'?: "templating";
}
