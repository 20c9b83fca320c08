// Original file: proto/backup.proto


export interface BackupRequest {
  'passphrase'?: (string);
  'useUnlockKey'?: (boolean);
}

export interface BackupRequest__Output {
  'passphrase': (string);
  'useUnlockKey': (boolean);
}
