// Original file: proto/backup.proto


export interface BackupPart {
  'data'?: (Buffer | Uint8Array | string);
}

export interface BackupPart__Output {
  'data': (Buffer);
}
