// Original file: proto/specs.proto


export interface EncryptionConfig {
  'autoLockManagers'?: (boolean);
}

export interface EncryptionConfig__Output {
  'autoLockManagers': (boolean);
}
