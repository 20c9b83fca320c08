// Original file: proto/logs.proto


export interface LogPublishOpen {
  'subscriptionId'?: (string);
}

export interface LogPublishOpen__Output {
  'subscriptionId': (string);
}
