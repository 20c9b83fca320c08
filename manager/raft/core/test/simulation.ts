// For tests: a group of cores on simulated disks and a hostile network, driven by one seed, with what must
// hold (safety.ts) checked as it goes. No clock, no promises: one seed is one history.
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
import { Safety, checkLogMatching, checkSettled, verify } from './safety.ts';

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
  private readonly safety = new Safety();
  private readonly reads = new Map<number, number>();
  private requests = 0;
  private payload = 0;
  private nextId: number;
  private readonly counts = { snapshots: 0, reads: 0, changes: 0, crashes: 0 };

  constructor(seed: number, size: number) {
    this.random = seededRandom(seed);
    this.nextId = size + 1;
    const members = Array.from({ length: size }, (_, at) => member(at + 1));
    for (const { raftId } of members) {
      this.create(raftId, members);
    }
  }

  get stats() {
    const { commits, elections } = this.safety;
    return { commits, elections, ...this.counts };
  }

  checkLogMatching(): void {
    checkLogMatching([...this.nodes.values()]);
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
    this.safety.check(node);
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
    this.reads.set(this.requests, this.safety.maxCommitted);
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
    this.counts.changes += 1;
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
    this.counts.snapshots += 1;
  }

  private crash(node: SimNode): void {
    this.counts.crashes += 1;
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
        this.counts.reads += 1;
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
      this.safety.recordCommitted(entry);
      this.run(node, (core) => core.advance({ applied: entry.index }));
    }
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
      this.safety.check(to);
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
    checkSettled(this.nodes);
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
        this.safety.check(to);
      }
    }
    for (const node of this.nodes.values()) {
      this.finishWrite(node);
      this.applyOne(node);
    }
  }

  private pick<T>(list: readonly T[]): T | undefined {
    return list[randomInt(this.random, 0, list.length - 1)];
  }
}
