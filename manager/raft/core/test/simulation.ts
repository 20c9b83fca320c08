// For tests: a group of cores on simulated disks and a hostile network, driven by one seed, with Raft's
// safety properties (paper, figure 3) checked as it goes. No clock, no promises: one seed is one history.
import { randomInt, seededRandom, type Random } from '../../../../shared/random.ts';
import { RaftCore } from '../raft.ts';
import {
  DEFAULT_CORE_OPTIONS,
  type CoreOptions,
  type Entry,
  type HardState,
  type Member,
  type Message,
  type SnapshotMeta,
  type Write,
} from '../types.ts';

interface SimDisk {
  hardState: HardState;
  snapshot: SnapshotMeta;
  /** All entries since the beginning of `first`. */
  entries: Entry[];
  previousTerm: number;
}

interface SimNode {
  readonly id: number;
  core: RaftCore | undefined;
  readonly disk: SimDisk;
  write: Write | undefined;
  queue: Entry[];
  restoring: SnapshotMeta | undefined;
  commitSeen: number;
  lastConfig: readonly Member[];
}

export function member(raftId: number, learner = false): Member {
  return { raftId, nodeId: `n${raftId}`, address: `a${raftId}`, learner };
}

const SMALL: Partial<CoreOptions> = {
  maxMessageBytes: 100,
  maxInflightMessages: 4,
  maxInflightBytes: 400,
  maxUncommittedBytes: 2_000,
  maxCommittedBytes: 120,
};

export class Simulation {
  readonly nodes = new Map<number, SimNode>();
  private readonly random: Random;
  private network: Message[] = [];
  private readonly blocked = new Set<string>();
  private readonly leaders = new Map<number, number>();
  private readonly committed = new Map<number, Entry>();
  private maxCommitted = 0;
  private readonly reads = new Map<number, number>();
  private requests = 0;
  private payload = 0;
  private nextId: number;
  readonly stats = { commits: 0, elections: 0, snapshots: 0, reads: 0, changes: 0, crashes: 0 };

  constructor(seed: number, size: number) {
    this.random = seededRandom(seed);
    this.nextId = size + 1;
    const members = Array.from({ length: size }, (_, at) => member(at + 1));
    for (const { raftId } of members) {
      this.create(raftId, members);
    }
  }

  // ---- faults and work, drawn by the seed ----

  turn(): void {
    const draw = this.random.next();
    const node = this.pick([...this.nodes.values()]);
    if (node === undefined) {
      return;
    }
    if (draw < 0.5) {
      this.deliverOne(0.05, 0.05);
    } else if (draw < 0.7) {
      this.run(node, (core) => core.tick());
    } else if (draw < 0.8) {
      this.finishWrite(node);
    } else if (draw < 0.88) {
      this.applyOne(node);
    } else if (draw < 0.94) {
      this.propose(node);
    } else if (draw < 0.955) {
      this.read(node);
    } else {
      this.rare(node);
    }
    this.check(node);
  }

  private rare(node: SimNode): void {
    const draw = this.random.next();
    if (draw < 0.2) {
      this.crash(node);
    } else if (draw < 0.35) {
      this.block();
    } else if (draw < 0.55) {
      this.blocked.clear();
    } else if (draw < 0.75) {
      this.compact(node);
    } else if (draw < 0.85) {
      this.run(node, (core) => core.transferLeader(randomInt(this.random, 1, this.nextId)));
    } else if (draw < 0.97) {
      this.change(node);
    } else {
      this.run(node, (core) => core.campaign());
    }
  }

  private propose(node: SimNode): void {
    this.payload += 1;
    const data = Uint8Array.of(this.payload & 255, (this.payload >> 8) & 255, (this.payload >> 16) & 255);
    this.run(node, (core) => core.propose([data]));
  }

  private read(node: SimNode): void {
    this.requests += 1;
    this.reads.set(this.requests, this.maxCommitted);
    const id = this.requests;
    this.run(node, (core) => core.readIndex(id));
  }

  private change(node: SimNode): void {
    if (node.core?.status().role !== 'leader') {
      return;
    }
    const members = node.core.members();
    const target = this.pick([...members]);
    if (members.length < 6 && this.random.next() < 0.5) {
      const raftId = this.nextId;
      this.nextId += 1;
      this.create(raftId, [...members, member(raftId, true)]);
      this.run(node, (core) => core.proposeChange({ op: 'add-learner', member: member(raftId, true) }));
    } else if (target !== undefined && members.length > 2) {
      this.run(node, (core) => core.proposeChange({ op: 'remove', raftId: target.raftId }));
    }
    this.stats.changes += 1;
  }

  private block(): void {
    const ids = [...this.nodes.keys()];
    const cut = new Set(ids.filter(() => this.random.next() < 0.4));
    const oneWay = this.random.next() < 0.3;
    for (const from of ids) {
      for (const to of ids) {
        if (cut.has(from) !== cut.has(to) && !(oneWay && cut.has(from))) {
          this.blocked.add(`${from}>${to}`);
        }
      }
    }
  }

  private compact(node: SimNode): void {
    const { core, disk } = node;
    if (core === undefined || node.restoring !== undefined) {
      return;
    }
    const { applied } = core.status();
    const term = core.termAt(applied);
    if (term === undefined || applied <= disk.snapshot.index) {
      return;
    }
    const snapshot = { index: applied, term, members: core.members() };
    const keepAfter = Math.max(0, applied - randomInt(this.random, 0, 5));
    core.compact(snapshot, keepAfter);
    disk.snapshot = snapshot;
    const base = disk.entries.find((entry) => entry.index === keepAfter);
    if (base !== undefined) {
      disk.entries = disk.entries.filter((entry) => entry.index > keepAfter);
      disk.previousTerm = base.term;
    }
    this.stats.snapshots += 1;
  }

  private crash(node: SimNode): void {
    this.stats.crashes += 1;
    if (node.write !== undefined && this.random.next() < 0.4) {
      this.persist(node, node.write);
    }
    node.write = undefined;
    node.queue = [];
    node.restoring = undefined;
    node.commitSeen = 0;
    this.boot(node);
  }

  // ---- machinery ----

  private create(id: number, members: readonly Member[]): void {
    const disk: SimDisk = {
      hardState: { term: 0, vote: 0, commit: 0 },
      snapshot: { index: 0, term: 0, members },
      entries: [],
      previousTerm: 0,
    };
    const node: SimNode = {
      id,
      core: undefined,
      disk,
      write: undefined,
      queue: [],
      restoring: undefined,
      commitSeen: 0,
      lastConfig: members,
    };
    this.nodes.set(id, node);
    this.boot(node);
  }

  private boot(node: SimNode): void {
    const { disk } = node;
    const commit = Math.max(disk.hardState.commit, disk.snapshot.index);
    node.core = new RaftCore({ ...DEFAULT_CORE_OPTIONS, ...SMALL, id: node.id }, () => this.random.next(), {
      ...disk,
      hardState: { ...disk.hardState, commit },
    });
    this.drain(node);
  }

  private run(node: SimNode, call: (core: RaftCore) => unknown): void {
    if (node.core !== undefined) {
      call(node.core);
      this.drain(node);
    }
  }

  private drain(node: SimNode): void {
    const { core } = node;
    if (core === undefined) {
      return;
    }
    for (let ready = core.ready(); ready !== undefined; ready = core.ready()) {
      this.network.push(...ready.messages);
      node.write = ready.write ?? node.write;
      node.queue.push(...ready.committed);
      for (const { requestId, index } of ready.reads) {
        this.stats.reads += 1;
        const floor = this.reads.get(requestId) ?? 0;
        verify(index >= floor, `read ${requestId} granted at ${index}, but ${floor} was committed before it`);
      }
    }
    if (this.network.length > 400) {
      this.network.splice(0, this.network.length - 400);
    }
  }

  private finishWrite(node: SimNode): void {
    const { write } = node;
    if (write === undefined) {
      return;
    }
    this.persist(node, write);
    node.write = undefined;
    if (write.snapshot !== undefined) {
      node.queue = [];
      node.restoring = write.snapshot;
    }
    this.network.push(...write.messages);
    this.run(node, (core) => core.advance({ written: write.id }));
  }

  private persist(node: SimNode, write: Write): void {
    const { disk } = node;
    if (write.snapshot !== undefined) {
      disk.snapshot = write.snapshot;
      disk.entries = [];
      disk.previousTerm = write.snapshot.term;
    }
    const first = write.entries[0];
    if (first !== undefined) {
      disk.entries = [...disk.entries.filter((entry) => entry.index < first.index), ...write.entries];
    }
    disk.hardState = write.hardState;
  }

  private applyOne(node: SimNode): void {
    if (node.restoring !== undefined) {
      const { index } = node.restoring;
      node.restoring = undefined;
      this.run(node, (core) => core.advance({ applied: index }));
      return;
    }
    const entry = node.queue.shift();
    if (entry !== undefined) {
      this.recordCommitted(entry);
      this.run(node, (core) => core.advance({ applied: entry.index }));
    }
  }

  private recordCommitted(entry: Entry): void {
    const known = this.committed.get(entry.index);
    verify(
      known === undefined || JSON.stringify(known) === JSON.stringify(entry),
      `entry ${entry.index} was applied twice with different content`,
    );
    this.committed.set(entry.index, entry);
  }

  private deliverOne(loss: number, doubling: number): void {
    if (this.network.length === 0) {
      return;
    }
    const at = randomInt(this.random, 0, Math.min(this.network.length - 1, 8));
    const message = this.network[at];
    if (message === undefined) {
      return;
    }
    if (this.random.next() >= doubling) {
      this.network.splice(at, 1);
    }
    const to = this.nodes.get(message.to);
    const lost = this.random.next() < loss || this.blocked.has(`${message.from}>${message.to}`);
    if (message.kind === 'snapshot') {
      const from = this.nodes.get(message.from);
      if (from !== undefined) {
        this.run(from, (core) => core.reportSnapshot(message.to, !lost));
      }
    }
    if (!lost && to !== undefined) {
      this.run(to, (core) => core.step(message));
      this.check(to);
    }
  }

  // ---- what must hold ----

  private check(node: SimNode): void {
    const status = node.core?.status();
    if (status === undefined || node.core === undefined) {
      return;
    }
    verify(status.committed >= node.commitSeen, `the commit index of ${node.id} went back`);
    for (
      let index = Math.max(node.commitSeen, status.firstIndex - 1) + 1;
      index <= status.committed;
      index += 1
    ) {
      const entry = node.core.entries(index - 1, index)[0];
      if (entry !== undefined) {
        this.recordCommitted(entry);
        this.stats.commits += 1;
      }
    }
    node.commitSeen = status.committed;
    this.maxCommitted = Math.max(this.maxCommitted, status.committed);
    if (status.role === 'leader' && this.leaders.get(status.term) !== node.id) {
      verify(!this.leaders.has(status.term), `term ${status.term} has two leaders`);
      this.leaders.set(status.term, node.id);
      this.stats.elections += 1;
      this.checkCompleteness(node.core, node.id);
    }
  }

  /** A new leader holds every entry that was ever committed. */
  private checkCompleteness(core: RaftCore, id: number): void {
    const { firstIndex } = core.status();
    for (const [index, entry] of this.committed) {
      verify(
        index < firstIndex || core.termAt(index) === entry.term,
        `the new leader ${id} lacks the committed entry ${index}`,
      );
    }
  }

  /** Two logs that agree on one entry agree on everything before it. */
  checkLogMatching(): void {
    const cores = [...this.nodes.values()].flatMap((node) => (node.core === undefined ? [] : [node.core]));
    for (const a of cores) {
      for (const b of cores) {
        const low = Math.max(a.status().firstIndex, b.status().firstIndex);
        let agreed = false;
        for (let index = Math.min(a.status().lastIndex, b.status().lastIndex); index >= low; index -= 1) {
          const same = a.termAt(index) === b.termAt(index);
          verify(!agreed || same, `logs agree after entry ${index} but not on it`);
          agreed ||= same;
        }
      }
    }
  }

  /** Ends all faults and lets the group run in good order; everybody must come to the same end. */
  settle(): void {
    this.blocked.clear();
    for (let round = 0; round < 400; round += 1) {
      for (const node of this.nodes.values()) {
        this.run(node, (core) => core.tick());
      }
      for (let step = 0; step < 60; step += 1) {
        this.deliverAll();
      }
    }
    this.checkSettled();
  }

  private deliverAll(): void {
    const batch = this.network;
    this.network = [];
    for (const message of batch) {
      const to = this.nodes.get(message.to);
      if (message.kind === 'snapshot') {
        const from = this.nodes.get(message.from);
        if (from !== undefined) {
          this.run(from, (core) => core.reportSnapshot(message.to, true));
        }
      }
      if (to !== undefined) {
        this.run(to, (core) => core.step(message));
        this.check(to);
      }
    }
    for (const node of this.nodes.values()) {
      this.finishWrite(node);
      this.applyOne(node);
    }
  }

  private checkSettled(): void {
    const nodes = [...this.nodes.values()];
    const leader = nodes.find((node) => node.core?.status().role === 'leader');
    verify(leader?.core !== undefined, 'no leader after all faults have stopped');
    const { committed, lastIndex } = leader.core.status();
    verify(committed === lastIndex, 'the leader has entries that it does not commit');
    for (const { raftId } of leader.core.members()) {
      const status = this.nodes.get(raftId)?.core?.status();
      verify(status?.applied === committed, `member ${raftId} stopped at ${status?.applied} of ${committed}`);
    }
  }

  private pick<T>(list: readonly T[]): T | undefined {
    return list[randomInt(this.random, 0, list.length - 1)];
  }
}

function verify(condition: boolean, message: string): asserts condition {
  if (!condition) {
    throw new Error(message);
  }
}
