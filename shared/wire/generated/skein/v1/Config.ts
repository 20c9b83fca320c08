// Original file: proto/objects.proto

import type { Meta as _skein_v1_Meta, Meta__Output as _skein_v1_Meta__Output } from '../../skein/v1/Meta.ts';
import type { ConfigSpec as _skein_v1_ConfigSpec, ConfigSpec__Output as _skein_v1_ConfigSpec__Output } from '../../skein/v1/ConfigSpec.ts';

export interface Config {
  'id'?: (string);
  'meta'?: (_skein_v1_Meta | null);
  'spec'?: (_skein_v1_ConfigSpec | null);
}

export interface Config__Output {
  'id': (string);
  'meta': (_skein_v1_Meta__Output | null);
  'spec': (_skein_v1_ConfigSpec__Output | null);
}
