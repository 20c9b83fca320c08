// Original file: proto/objects.proto

import type { EnginePlugin as _skein_v1_EnginePlugin, EnginePlugin__Output as _skein_v1_EnginePlugin__Output } from '../../skein/v1/EnginePlugin.ts';

export interface EngineDescription {
  'version'?: (string);
  'labels'?: ({[key: string]: string});
  'plugins'?: (_skein_v1_EnginePlugin)[];
}

export interface EngineDescription__Output {
  'version': (string);
  'labels': ({[key: string]: string});
  'plugins': (_skein_v1_EnginePlugin__Output)[];
}
