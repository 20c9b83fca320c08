// Original file: proto/dispatcher.proto


export interface ManagerPeer {
  'nodeId'?: (string);
  'address'?: (string);
}

export interface ManagerPeer__Output {
  'nodeId': (string);
  'address': (string);
}
