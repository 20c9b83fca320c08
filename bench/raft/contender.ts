// What the bench of consensus needs of each group it compares: three members raised, one key written, ended
// without a trace.

/** One client's key; every call replaces its value and resolves when a majority has it on disk. */
export type Put = (value: string) => Promise<void>;

export interface Group {
  readonly name: string;
  /** Raises three members and connects to their leader; `clients` keys exist when it resolves. */
  start(clients: number): Promise<void>;
  /** Of one client; they share one connection. */
  put(client: number): Put;
  /** Process ids, the leader's first. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Members of a group: the least that survives the loss of one. */
export const MEMBERS = 3;
/** A member that is not up by then is broken. */
export const START_LIMIT_MS = 30_000;
