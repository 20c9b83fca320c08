// Original file: proto/objects.proto


export interface ViewNode {
  'nodeId'?: (string);
  'overlayIndex'?: (number);
  'vtepAddress'?: (string);
  'incarnation'?: (string);
}

export interface ViewNode__Output {
  'nodeId': (string);
  'overlayIndex': (number);
  'vtepAddress': (string);
  'incarnation': (string);
}
