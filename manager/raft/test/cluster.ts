// For tests: real nodes on real files in one process, joined by a loopback transport.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { systemRandom } from '../../../shared/random.ts';
import type { AppliedEntry, StateMachine } from '../api.ts';
import { ConsensusNode } from '../node.ts';
import type { ConsensusOptions } from '../options.ts';
import { realDisk } from '../storage/disk.ts';
import { openDataKey } from '../storage/key.ts';
import { RaftStorage } from '../storage/storage.ts';
import { Loopback } from './loopback.ts';

/** A list of texts: what was applied, in order. */
export class ListMachine implements StateMachine {
  items: string[] = [];
  lastIndex = 0;

  apply(entry: AppliedEntry): void {
    if (entry.index <= this.lastIndex) {
      throw new Error(`entry ${entry.index} applied after ${this.lastIndex}`);
    }
    this.lastIndex = entry.index;
    this.items.push(Buffer.from(entry.data).toString());
  }

  *snapshot(): Iterable<Uint8Array> {
    const frozen = [...this.items];
    for (let at = 0; at < frozen.length; at += 100) {
      yield Buffer.from(`${frozen.slice(at, at + 100).join('\n')}\n`);
    }
  }

  async restore(index: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of chunks) {
      text += Buffer.from(chunk).toString();
    }
    this.items = text.split('\n').filter((line) => line !== '');
    this.lastIndex = index;
  }
}

export interface TestNode {
  readonly raftId: number;
  readonly node: ConsensusNode;
  readonly machine: ListMachine;
  readonly failures: unknown[];
}

export class TestCluster {
  readonly net = new Loopback();
  readonly nodes = new Map<number, TestNode>();
  readonly directory: string;

  private constructor(directory: string) {
    this.directory = directory;
  }

  static async make(): Promise<TestCluster> {
    return new TestCluster(await mkdtemp(join(tmpdir(), 'skt-raft-')));
  }

  member(raftId: number) {
    return { raftId, nodeId: `node-${raftId}`, address: `10.0.0.${raftId}:2377` };
  }

  async start(raftId: number, first: ConsensusOptions['first'], options: Partial<ConsensusOptions> = {}) {
    const directory = join(this.directory, String(raftId));
    const dataKey = await openDataKey(realDisk, systemRandom, directory);
    const storage = new RaftStorage({ disk: realDisk, random: systemRandom }, { directory, dataKey });
    const machine = new ListMachine();
    const failures: unknown[] = [];
    const node = new ConsensusNode(
      {
        clock: systemClock,
        random: systemRandom,
        logger: silentLogger,
        storage,
        transport: this.net.transport(raftId),
        stateMachine: machine,
        defer: (callback) => void setImmediate(callback),
        onFatal: (error) => void failures.push(error),
      },
      { first, tickMs: 20, ...options },
    );
    await node.start();
    const made = { raftId, node, machine, failures };
    this.nodes.set(raftId, made);
    return made;
  }

  bootstrap(options: Partial<ConsensusOptions> = {}) {
    return this.start(1, { kind: 'bootstrap', member: this.member(1) }, options);
  }

  /** Adds a member by way of the leader and starts it. */
  async join(raftId: number, options: Partial<ConsensusOptions> = {}) {
    const leader = await this.leader();
    await leader.node.addMember(this.member(raftId));
    return this.start(raftId, { kind: 'join', raftId, members: leader.node.status().members }, options);
  }

  async three(options: Partial<ConsensusOptions> = {}) {
    const first = await this.bootstrap(options);
    await until('a leader', () => first.node.status().role === 'leader');
    const second = await this.join(2, options);
    const third = await this.join(3, options);
    await until(
      'three voters',
      () => first.node.status().members.filter((each) => !each.learner).length === 3,
    );
    return [first, second, third] as const;
  }

  async leader(): Promise<TestNode> {
    let found: TestNode | undefined;
    await until('a leader', () => {
      found = [...this.nodes.values()].find(({ node }) => node.status().role === 'leader');
      return found !== undefined;
    });
    if (found === undefined) {
      throw new Error('no leader');
    }
    return found;
  }

  async stopNode(raftId: number): Promise<void> {
    const found = this.nodes.get(raftId);
    this.nodes.delete(raftId);
    await found?.node.stop();
  }

  async end(): Promise<void> {
    await Promise.all([...this.nodes.keys()].map((raftId) => this.stopNode(raftId)));
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** Waits for a condition with a bound. */
export async function until(what: string, condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
