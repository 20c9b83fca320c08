// Original file: proto/specs.proto


export interface GlobalMode {
}

export interface GlobalMode__Output {
}
