// Original file: proto/control.proto


export interface UnlockKey {
  'unlockKey'?: (string);
}

export interface UnlockKey__Output {
  'unlockKey': (string);
}
