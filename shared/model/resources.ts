// Amounts of what a node has and a task asks for.

export interface GenericResource {
  readonly kind: string;
  /** A count for discrete resources, a name for named ones. */
  readonly value: number | string;
}

export interface ResourceSet {
  /** 1e9 is one CPU. */
  readonly nanoCpus: number;
  readonly memoryBytes: number;
  readonly generic: readonly GenericResource[];
}

export interface ResourceRequirements {
  /** 0 means no limit. */
  readonly limits: { readonly nanoCpus: number; readonly memoryBytes: number; readonly pids: number };
  readonly reservations: ResourceSet;
}
