// Wing and Gong's search with Lowe's memory ("Testing for linearizability", 2017): is there an order of the operations
// on one register, within the times of their calls, in which each saw what it says? Keys are checked one by one.

/** A register holds a text, or nothing before it is created and after it is removed. */
export type Value = string | undefined;

export type Action =
  | { readonly kind: 'read'; readonly saw: Value }
  | { readonly kind: 'create'; readonly value: string }
  /** Refused because the register was there already. */
  | { readonly kind: 'exists' }
  | { readonly kind: 'swap'; readonly from: string; readonly to: string }
  /** Refused because the register was there with another value than this, or not there. */
  | { readonly kind: 'not-swapped'; readonly from: string }
  | { readonly kind: 'remove' };

export interface Operation {
  readonly client: string;
  readonly key: string;
  readonly action: Action;
  readonly calledAt: number;
  /** Infinity for an operation whose outcome nobody knows: it may have happened at any time after, or never. */
  readonly answeredAt: number;
}

/** The key of the first register whose history fits no order; undefined when all fit. */
export function unexplained(history: readonly Operation[]): string | undefined {
  const byKey = new Map<string, Operation[]>();
  for (const operation of history) {
    byKey.set(operation.key, [...(byKey.get(operation.key) ?? []), operation]);
  }
  return [...byKey].find(([, operations]) => !isLinearizable(operations))?.[0];
}

export function isLinearizable(operations: readonly Operation[]): boolean {
  const sorted = operations.toSorted((a, b) => a.calledAt - b.calledAt);
  return new Search(sorted).run();
}

/** The next state if the action fits the state. */
function act(state: Value, action: Action): { readonly next: Value } | undefined {
  const fits = (isTrue: boolean, next: Value) => (isTrue ? { next } : undefined);
  switch (action.kind) {
    case 'read':
      return fits(state === action.saw, state);
    case 'create':
      return fits(state === undefined, action.value);
    case 'exists':
      return fits(state !== undefined, state);
    case 'swap':
      return fits(state === action.from, action.to);
    case 'not-swapped':
      return fits(state !== action.from, state);
    case 'remove':
      return fits(state !== undefined, undefined);
  }
}

class Search {
  private readonly operations: readonly Operation[];
  private readonly done: boolean[];
  private readonly tried = new Set<string>();
  /** Answered operations that are not placed yet. */
  private left: number;

  constructor(operations: readonly Operation[]) {
    this.operations = operations;
    this.done = operations.map(() => false);
    this.left = operations.filter(({ answeredAt }) => answeredAt !== Number.POSITIVE_INFINITY).length;
  }

  run(): boolean {
    return this.from(undefined, 0);
  }

  /** @param first everything before it is placed. */
  private from(state: Value, first: number): boolean {
    if (this.left === 0) {
      return true;
    }
    let start = first;
    while (this.done[start] === true) {
      start += 1;
    }
    const memory = `${state ?? ''}|${start}|${this.bits(start)}`;
    if (this.tried.has(memory)) {
      return false;
    }
    this.tried.add(memory);
    // Who may be next: called before the first answer of those that are left.
    const limit = this.earliestAnswer(start);
    for (let at = start; at < this.operations.length; at += 1) {
      const operation = this.operations[at];
      if (operation === undefined || operation.calledAt > limit) {
        break;
      }
      if (this.done[at] !== true && this.place(at, operation, state, start)) {
        return true;
      }
    }
    return false;
  }

  private place(at: number, operation: Operation, state: Value, start: number): boolean {
    const step = act(state, operation.action);
    if (step === undefined) {
      return false;
    }
    const counts = operation.answeredAt === Number.POSITIVE_INFINITY ? 0 : 1;
    this.done[at] = true;
    this.left -= counts;
    const found = this.from(step.next, start);
    this.done[at] = false;
    this.left += counts;
    return found;
  }

  private earliestAnswer(start: number): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (let at = start; at < this.operations.length; at += 1) {
      const operation = this.operations[at];
      if (operation === undefined || operation.calledAt > earliest) {
        break;
      }
      if (this.done[at] !== true) {
        earliest = Math.min(earliest, operation.answeredAt);
      }
    }
    return earliest;
  }

  private bits(start: number): string {
    let text = '';
    for (let at = start; at < this.done.length; at += 1) {
      text += this.done[at] === true ? '1' : '0';
    }
    return text.replace(/0+$/, '');
  }
}
