// What every replicated object carries. Times are epoch milliseconds stamped by the leader when it
// proposed the change; durations everywhere in the model are milliseconds (possibly fractional).

/** 25 lower-case base36 characters, as Swarm's object ids. */
export type Id = string;

export type Labels = Readonly<Record<string, string>>;

export interface Meta {
  /** Raft index of the entry that wrote the object last; what optimistic updates are checked against. */
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Name and labels of a spec ("annotations" in Swarm's words). */
export interface Annotations {
  readonly name: string;
  readonly labels: Labels;
}
