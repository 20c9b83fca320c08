// For tests: a few cores with disks that are written when told (at once by default), and a network whose
// messages lie in a list until they are delivered. Everything sent is noted as a line, for transcripts.
import { RaftCore } from '../raft.ts';
import {
  DEFAULT_CORE_OPTIONS,
  type CoreOptions,
  type Entry,
  type Member,
  type Message,
  type ReadGrant,
  type SnapshotMeta,
  type Write,
} from '../types.ts';

export function member(raftId: number, learner = false): Member {
  return { raftId, nodeId: `n${raftId}`, address: `a${raftId}`, learner };
}

export class Group {
  readonly cores = new Map<number, RaftCore>();
  readonly applied = new Map<number, Entry[]>();
  readonly grants = new Map<number, ReadGrant[]>();
  readonly writes = new Map<number, Write>();
  /** Members whose writes wait for `finishWrite`. */
  readonly slowDisks = new Set<number>();
  readonly down = new Set<number>();
  network: Message[] = [];
  lines: string[] = [];
  private readonly options: Partial<CoreOptions>;

  constructor(size: number, options: Partial<CoreOptions> = {}) {
    this.options = options;
    const members = Array.from({ length: size }, (_, at) => member(at + 1));
    for (const { raftId } of members) {
      this.add(raftId, members);
    }
  }

  add(id: number, members: readonly Member[]): void {
    // Member n draws a longer time-out than member n-1, so 1 stands first.
    const draw = Math.min(0.95, id / 10);
    this.cores.set(
      id,
      new RaftCore({ ...DEFAULT_CORE_OPTIONS, ...this.options, id }, () => draw, {
        hardState: { term: 0, vote: 0, commit: 0 },
        snapshot: { index: 0, term: 0, members },
        entries: [],
        previousTerm: 0,
      }),
    );
    this.applied.set(id, []);
    this.grants.set(id, []);
  }

  core(id: number): RaftCore {
    const core = this.cores.get(id);
    if (core === undefined) {
      throw new Error(`no member ${id}`);
    }
    return core;
  }

  /** Calls a core and does what it then asks for. */
  do<T>(id: number, call: (core: RaftCore) => T): T {
    const result = call(this.core(id));
    this.drain(id);
    return result;
  }

  propose(id: number, text: string) {
    return this.do(id, (core) => core.propose([Buffer.from(text)]));
  }

  tick(ids: readonly number[], times = 1): void {
    for (let time = 0; time < times; time += 1) {
      for (const id of ids) {
        this.do(id, (core) => core.tick());
      }
    }
  }

  /** Ticks with delivery in between, so that nobody doubts the leader. */
  run(ticks: number): void {
    for (let time = 0; time < ticks; time += 1) {
      this.tick([...this.cores.keys()].filter((id) => !this.down.has(id)));
      this.deliver();
    }
  }

  /** Delivers until nothing is under way; messages from or to members that are down are lost. */
  deliver(): void {
    while (this.network.length > 0) {
      this.deliverOnce();
    }
  }

  /** Delivers what is under way now, not what is sent because of it. */
  deliverOnce(): void {
    const batch = this.network;
    this.network = [];
    for (const message of batch) {
      const lost = this.down.has(message.from) || this.down.has(message.to);
      if (!lost && this.cores.has(message.to)) {
        this.do(message.to, (core) => core.step(message));
      }
    }
  }

  finishWrite(id: number): void {
    const write = this.writes.get(id);
    if (write !== undefined) {
      this.writes.delete(id);
      this.send(write.messages);
      this.do(id, (core) => core.advance({ written: write.id }));
    }
  }

  compact(id: number, keepAfter: number): SnapshotMeta {
    const core = this.core(id);
    const { applied } = core.status();
    const snapshot = { index: applied, term: core.termAt(applied) ?? 0, members: core.members() };
    core.compact(snapshot, keepAfter);
    return snapshot;
  }

  /** The lines since the last call. */
  transcript(): readonly string[] {
    const lines = this.lines;
    this.lines = [];
    return lines;
  }

  texts(id: number): readonly string[] {
    return (this.applied.get(id) ?? []).flatMap((entry) =>
      entry.kind === 'data' ? [Buffer.from(entry.data).toString()] : [],
    );
  }

  private drain(id: number): void {
    const core = this.core(id);
    for (let ready = core.ready(); ready !== undefined; ready = core.ready()) {
      this.send(ready.messages);
      this.grants.get(id)?.push(...ready.reads);
      if (ready.write !== undefined) {
        this.writes.set(id, ready.write);
      }
      this.apply(id, ready.committed);
      if (!this.slowDisks.has(id)) {
        this.finishPending(id, core);
      }
    }
  }

  private finishPending(id: number, core: RaftCore): void {
    const write = this.writes.get(id);
    if (write !== undefined) {
      this.writes.delete(id);
      this.send(write.messages);
      core.advance({ written: write.id });
      if (write.snapshot !== undefined) {
        core.advance({ applied: write.snapshot.index });
      }
    }
  }

  private apply(id: number, entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (last !== undefined) {
      this.applied.get(id)?.push(...entries);
      this.core(id).advance({ applied: last.index });
    }
  }

  private send(messages: readonly Message[]): void {
    for (const message of messages) {
      this.network.push(message);
      this.lines.push(describe(message));
    }
  }
}

function describe(message: Message): string {
  return `${message.from}>${message.to} ${message.kind} t${message.term}${details(message)}`;
}

function details(message: Message): string {
  switch (message.kind) {
    case 'pre-vote':
    case 'vote':
      return ` last ${message.lastIndex}@${message.lastTerm}`;
    case 'pre-vote-response':
    case 'vote-response':
      return message.granted ? ' yes' : ' no';
    case 'append': {
      const { prevIndex, prevTerm, entries, commit } = message;
      const range = entries.length === 0 ? 'nothing' : `${entries[0]?.index}-${entries.at(-1)?.index}`;
      return ` ${range} after ${prevIndex}@${prevTerm} commit ${commit}`;
    }
    case 'append-response':
      return ` ${message.index}`;
    case 'append-reject':
      return ` ${message.prevIndex} hint ${message.hintIndex}@${message.hintTerm}`;
    case 'heartbeat':
      return ` commit ${message.commit}`;
    case 'snapshot':
      return ` ${message.snapshot.index}@${message.snapshot.term}`;
    default:
      return '';
  }
}
