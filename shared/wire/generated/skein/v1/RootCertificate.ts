// Original file: proto/ca.proto


export interface RootCertificate {
  'certPem'?: (string);
}

export interface RootCertificate__Output {
  'certPem': (string);
}
