// Plain containers on attachable networks: the agents' side and the leader's over one store, on a virtual clock. What
// the kernel does of it is shown elsewhere.
import { afterEach, describe, expect, it } from 'vitest';
import { Allocator } from '../../manager/allocator/allocator.ts';
import { Dispatcher } from '../../manager/dispatcher/dispatcher.ts';
import { Orchestrator } from '../../manager/orchestrator/orchestrator.ts';
import type { WriteTransaction } from '../../manager/store/api.ts';
import { silentLogger } from '../../shared/log.ts';
import type { AttachmentClaim } from '../../shared/model/attachment.ts';
import type { Network } from '../../shared/model/network.ts';
import type { AgentMessage } from '../../shared/protocol/dispatcher.ts';
import type { Peer } from '../../shared/protocol/peer.ts';
import { seededRandom } from '../../shared/random.ts';
import { Agent } from '../../worker/agent/agent.ts';
import { NodeAttachments } from '../../worker/attachment/attachments.ts';
import type { ContainerNetwork, LostAttachment } from '../../worker/attachment/api.ts';
import { lookupAddress, lookupName } from '../../worker/network/dns/zone.ts';
import type { NetworkView } from '../../shared/model/view.ts';
import { description } from '../support/dispatcher_agent.ts';
import { memoryStore } from '../support/memory_store.ts';
import { cluster, network, node, service, serviceSpec, taskSpec } from '../support/objects.ts';
import { settle, VirtualClock } from '../support/virtual_clock.ts';
import { ClaimsOnMachine } from '../sim/claims.ts';

const MANAGER = { nodeId: 'm1', address: '10.99.0.7:2377' };

/** One node: its daemon can restart, its file stays. */
class Machine {
  readonly file = new ClaimsOnMachine();
  readonly views = new Map<string, NetworkView>();
  readonly lost: LostAttachment[] = [];
  attachments!: NodeAttachments;
  agent!: Agent;
  private readonly scene: Scene;
  readonly nodeId: string;
  private lives = 0;

  constructor(scene: Scene, nodeId: string) {
    this.scene = scene;
    this.nodeId = nodeId;
  }

  async start(): Promise<void> {
    const { clock } = this.scene;
    this.lives += 1;
    const random = seededRandom(this.lives * 100 + Number(this.nodeId.slice(1)));
    this.attachments = new NodeAttachments({ clock, random, logger: silentLogger, file: this.file });
    this.attachments.onLost((lost) => this.lost.push(lost));
    this.agent = new Agent(
      {
        clock,
        random,
        logger: silentLogger,
        dialer: {
          dispatcher: () => ({
            session: (messages, { signal }) =>
              this.scene.dispatcher.session(messages, { peer: this.peer, signal }),
          }),
          logs: () => ({ subscribe: none, listen: none, publish: async () => undefined }),
        },
        logs: { serve: () => new Promise(() => undefined) },
        tasks: {
          apply: (delta) => expect(delta.updatedTasks).toEqual([]),
          drained: () => undefined,
          statuses: () => [],
          onStatus: () => () => undefined,
        },
        network: {
          setIdentity: () => undefined,
          setView: (view) => this.views.set(view.networkId, view),
          removeView: (id) => this.views.delete(id),
          retainViews: async () => undefined,
          onEncryption: () => () => undefined,
          onApplied: () => () => undefined,
        },
        attachments: this.attachments,
      },
      {
        nodeId: this.nodeId,
        managers: [MANAGER],
        description,
        address: '',
        vtepAddress: `10.99.0.${this.nodeId.slice(1)}`,
      },
    );
    await this.attachments.start();
    await this.agent.start();
    await clock.advance(200);
  }

  async stop(): Promise<void> {
    await this.agent.stop();
    await this.attachments.stop();
    this.views.clear();
  }

  /** Addresses without prefix length; the error's message when it is refused. */
  async attach(
    letter: string,
    networks: readonly (string | Partial<ContainerNetwork>)[],
    name = `c${letter}`,
  ) {
    const wanted = networks.map((one) => ({
      target: 'att',
      aliases: [],
      ...(typeof one === 'string' ? { target: one } : one),
    }));
    const request = { containerId: id(letter), containerName: name, networks: wanted };
    const answer = this.attachments.attach(request, new AbortController().signal).then(
      (given) => given.flatMap(({ addresses }) => addresses.map((address) => address.split('/')[0])),
      (error: Error) => error.message,
    );
    await this.scene.clock.advance(200);
    return answer;
  }

  async release(letter: string, networkId?: string): Promise<void> {
    await this.attachments.release(id(letter), networkId);
    await this.scene.clock.advance(500);
  }

  names(name: string): readonly string[] {
    const answer = lookupName([...this.views.values()], name);
    return answer.known ? answer.addresses : ['unknown'];
  }

  private get peer(): Peer {
    return { kind: 'node', nodeId: this.nodeId, role: 'worker', clusterId: 'cluster', address: '192.0.2.1' };
  }
}

class Scene {
  readonly clock = new VirtualClock();
  readonly store = memoryStore({ clock: this.clock });
  readonly machines: Machine[] = [];
  dispatcher!: Dispatcher;
  private loops: readonly { start(): Promise<void>; stop(): Promise<void> }[] = [];

  async start(nodes: number, ...networks: readonly Network[]): Promise<this> {
    await this.store.update((tx) => {
      tx.create('cluster', cluster());
      for (const one of networks) {
        tx.create('network', one);
      }
      for (let index = 1; index <= nodes; index += 1) {
        tx.create('node', node({ id: `n${index}`, overlayIndex: index }));
      }
    });
    await this.lead();
    for (let index = 1; index <= nodes; index += 1) {
      const machine = new Machine(this, `n${index}`);
      this.machines.push(machine);
      await machine.start();
    }
    return this;
  }

  /** A new leader's loops in the place of the last one's. */
  async lead(): Promise<void> {
    await this.stopLoops();
    const { store, clock } = this;
    const random = seededRandom(7);
    this.dispatcher = new Dispatcher({
      store,
      clock,
      random,
      logger: silentLogger,
      leaderAddress: () => '',
      managerAddresses: () => [],
    });
    this.loops = [
      new Allocator({ store, clock, logger: silentLogger }),
      new Orchestrator({ store, clock, random, log: silentLogger }),
      this.dispatcher,
    ];
    for (const loop of this.loops) {
      await loop.start();
    }
    await this.clock.advance(1_000);
  }

  async write(change: (tx: WriteTransaction) => void): Promise<void> {
    await this.store.update(change);
    await this.clock.advance(500);
  }

  /** A session of its own in the node's name; answers the codes of refusals, and its end. */
  say(nodeId: string, messages: () => AsyncIterable<AgentMessage>): readonly string[] {
    const said: string[] = [];
    const peer = {
      kind: 'node',
      nodeId,
      role: 'worker',
      clusterId: 'cluster',
      address: '192.0.2.1',
    } as const;
    const register = { kind: 'register', description, vtepAddress: '10.99.0.9', address: '' } as const;
    const session = this.dispatcher.session(
      (async function* () {
        yield register;
        yield* messages();
        await new Promise(() => undefined);
      })(),
      { peer, signal: new AbortController().signal },
    );
    const read = async () => {
      for await (const message of session) {
        if (message.kind === 'attachments-refused') {
          said.push(...message.refusals.map(({ code }) => code));
        }
      }
    };
    read().catch((error: Error) => said.push(error.message));
    return said;
  }

  /** `name address state`, sorted. */
  held(): readonly string[] {
    return [...this.store.view.all('task')]
      .filter(({ attachment }) => attachment !== undefined)
      .map(({ name, networks, status }) => `${name} ${networks[0]?.addresses.join()} ${status.state}`)
      .sort();
  }

  async stop(): Promise<void> {
    for (const machine of this.machines) {
      await machine.stop();
    }
    await this.stopLoops();
  }

  private async stopLoops(): Promise<void> {
    for (const loop of this.loops) {
      await loop.stop();
    }
    await settle();
  }
}

let scene: Scene;
afterEach(() => scene.stop());

const id = (letter: string) => letter.repeat(64);
async function* none(): AsyncGenerator<never, void, undefined> {}

function attachable(name: string, over: Partial<Network['spec']> = {}, subnet = '10.0.5.0/29'): Network {
  const plain = network({
    id: name,
    vni: 4097,
    subnets: [{ subnet, gateway: subnet.replace(/0\/.*/, '1') }],
  });
  return { ...plain, spec: { ...plain.spec, attachable: true, ...over } };
}

/** Of as many containers. */
function claimsOf(count: number): AttachmentClaim[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `z${String(index).padStart(24, '0')}`,
    containerId: index.toString(16).padStart(64, '0'),
    containerName: `b${index}`,
    target: 'att',
    aliases: [],
    addresses: [],
  }));
}

describe('a container on an attachable network', () => {
  it('has an address, is answered by name, alias and short id on every node of the network, and by PTR', async () => {
    scene = await new Scene().start(2, attachable('att'));
    const [one, two] = scene.machines;
    expect(await one?.attach('a', [{ aliases: ['db'] }])).toEqual(['10.0.5.2']);
    expect(await two?.attach('b', ['att'])).toEqual(['10.0.5.3']);
    expect(scene.held()).toEqual(['ca 10.0.5.2/29 running', 'cb 10.0.5.3/29 running']);
    for (const name of ['ca', 'db', 'DB.att', 'ca.att', 'aaaaaaaaaaaa']) {
      expect(two?.names(name)).toEqual(['10.0.5.2']);
    }
    expect(two?.names('cc')).toEqual(['unknown']);
    expect(two?.names('')).toEqual(['unknown']);
    expect(lookupAddress([...(two?.views.values() ?? [])], '10.0.5.2')).toEqual(['ca.att']);
    await one?.release('a');
    expect(two?.names('db')).toEqual(['unknown']);
    expect(scene.held()).toEqual(['cb 10.0.5.3/29 running']);
    expect(one?.views.size).toBe(0);
  });

  it('has the address it wishes for, or is told why not', async () => {
    const range = attachable('att', {}, '10.0.6.0/24');
    const small = {
      ...range,
      subnets: [{ subnet: '10.0.6.0/24', gateway: '10.0.6.1', range: '10.0.6.128/30' }],
    };
    scene = await new Scene().start(2, small, attachable('closed', { attachable: false }, '10.0.7.0/24'));
    const [one, two] = scene.machines;
    expect(await one?.attach('a', [{ address: '10.0.6.9' }])).toEqual(['10.0.6.9']);
    const refusals = [
      await two?.attach('b', [{ address: '10.0.6.9' }]),
      await two?.attach('b', [{ address: '10.0.6.1' }]),
      await two?.attach('b', [{ address: '10.0.7.9' }]),
      await two?.attach('b', [{ address6: 'fd00::9' }]),
      await two?.attach('b', ['nowhere']),
      await two?.attach('b', ['closed']),
      await two?.attach('b', [{ address: 'x' }]),
    ];
    expect(refusals).toEqual([
      'Could not attach to network att: Address already in use: 10.0.6.9 on network att',
      'Could not attach to network att: Address already in use: 10.0.6.1 on network att',
      'Could not attach to network att: 10.0.7.9 is not in a subnet of network att: choose one in 10.0.6.0/24',
      'Could not attach to network att: fd00::9 is not in a subnet of network att: it has no subnet of this family',
      'network nowhere not found',
      'Could not attach to network closed: network closed not manually attachable',
      "Could not attach to network att: 'x' is no IP address",
    ]);
    await scene.clock.advance(1_000);
    expect(scene.held()).toEqual(['ca 10.0.6.9/24 running']);
    for (const letter of ['c', 'd', 'e', 'f']) {
      await two?.attach(letter, ['att']);
    }
    expect(await two?.attach('b', ['att'])).toContain('no free address in network att');
  });

  it('joins all networks or none, and one more later', async () => {
    const six = {
      ...attachable('six', { ipv6: true }, '10.0.8.0/24'),
      subnets: [
        { subnet: '10.0.8.0/24', gateway: '10.0.8.1' },
        { subnet: 'fd00:8::/64', gateway: 'fd00:8::1' },
      ],
    };
    scene = await new Scene().start(1, attachable('att'), six);
    const [one] = scene.machines;
    expect(await one?.attach('a', ['att', 'nowhere'])).toBe('network nowhere not found');
    await scene.clock.advance(500);
    expect(scene.held()).toEqual([]);
    expect(await one?.attach('a', ['att'])).toEqual(['10.0.5.3']);
    expect(await one?.attach('a', ['att', { target: 'six', address6: 'fd00:8::77' }])).toEqual([
      '10.0.5.3',
      '10.0.8.2',
      'fd00:8::77',
    ]);
    await one?.release('a', 'att');
    expect(scene.held()).toEqual(['ca 10.0.8.2/24,fd00:8::77/64 running']);
  });

  it('never answers to the name of a service or task', async () => {
    scene = await new Scene().start(2, attachable('att', {}, '10.0.9.0/24'));
    const [one, two] = scene.machines;
    const networks = [{ target: 'att', aliases: ['www'], driverOptions: {} }];
    await scene.write((tx) => {
      const endpoint = {
        spec: { mode: 'vip' as const, ports: [] },
        ports: [],
        virtualIps: [{ networkId: 'att', address: '10.0.9.200/24' }],
      };
      tx.create(
        'service',
        service({ id: 's', spec: serviceSpec({ name: 'web', task: taskSpec({ networks }) }), endpoint }),
      );
    });
    await one?.attach('a', [{ aliases: ['www', 'Web', 'tasks.web', 'web.att', 'mine'] }], 'web');
    await two?.attach('b', ['att']);
    const own = await one?.attachments.attached(id('a'))[0]?.addresses[0]?.split('/')[0];
    expect(['web', 'www', 'web.att', 'mine', 'tasks.web'].map((name) => two?.names(name))).toEqual([
      ['10.0.9.200'],
      ['10.0.9.200'],
      ['10.0.9.200'],
      [own],
      [],
    ]);
  });
});

describe('what is held', () => {
  it('outlives the daemon, for containers that live on', async () => {
    scene = await new Scene().start(2, attachable('att'));
    const [one, two] = scene.machines;
    await one?.attach('a', ['att']);
    await one?.attach('b', ['att']);
    await one?.stop();
    await scene.clock.advance(2_000);
    await one?.start();
    await one?.attachments.retain(new Set([id('a')]));
    await scene.clock.advance(500);
    expect(one?.attachments.attached(id('a')).map(({ addresses }) => addresses)).toEqual([['10.0.5.2/29']]);
    expect(scene.held()).toEqual(['ca 10.0.5.2/29 running']);
    await two?.attach('c', ['att']);
    expect(two?.names('ca')).toEqual(['10.0.5.2']);
    expect(one?.lost).toEqual([]);
  });

  it('outlives the leader, and what ends without one is released by the next', async () => {
    scene = await new Scene().start(1, attachable('att'));
    const [one] = scene.machines;
    await one?.attach('a', ['att']);
    await one?.attach('b', ['att']);
    await scene.dispatcher.stop();
    await one?.release('b');
    const late = one?.attach('c', ['att']);
    expect(scene.held()).toHaveLength(2);
    await scene.lead();
    await scene.clock.advance(5_000);
    expect(await late).toEqual(['10.0.5.4']);
    expect(scene.held()).toEqual(['ca 10.0.5.2/29 running', 'cc 10.0.5.4/29 running']);
  });

  it('is told as late when no leader answers', async () => {
    scene = await new Scene().start(1, attachable('att'));
    const [one] = scene.machines;
    await scene.dispatcher.stop();
    const late = one?.attach('a', ['att']);
    await scene.clock.advance(31_000);
    expect(await late).toContain('no manager gave addresses within 30 s');
  });

  it('stays on a drained node, and counts as no load', async () => {
    scene = await new Scene().start(1, attachable('att'));
    const [one] = scene.machines;
    await one?.attach('a', ['att']);
    await scene.write((tx) => {
      const n1 = tx.get('node', 'n1');
      if (n1 !== undefined) {
        tx.update('node', { ...n1, spec: { ...n1.spec, availability: 'drain' } });
      }
    });
    await scene.clock.advance(2_000);
    expect(scene.held()).toEqual(['ca 10.0.5.2/29 running']);
    expect(await one?.attach('b', ['att'])).toEqual(['10.0.5.3']);
  });

  it('goes with a node that was orphaned; back again, it has the same address or none', async () => {
    scene = await new Scene().start(2, attachable('att'));
    const [one, two] = scene.machines;
    await one?.attach('a', ['att']);
    await one?.attach('b', ['att']);
    await two?.attach('d', ['att']);
    expect(two?.names('ca')).toEqual(['10.0.5.2']);
    await one?.stop();
    await scene.clock.advance(60_000);
    expect([two?.names('ca'), scene.held().length]).toEqual([['unknown'], 3]);
    await two?.release('d');
    await scene.clock.advance(25 * 3_600_000);
    expect(scene.held()).toEqual([]);
    expect(await two?.attach('c', [{ address: '10.0.5.3' }])).toEqual(['10.0.5.3']);
    await one?.start();
    await scene.clock.advance(1_000);
    expect(scene.held()).toEqual(['ca 10.0.5.2/29 running', 'cc 10.0.5.3/29 running']);
    expect(one?.lost.map(({ containerId, networkId }) => [containerId[0], networkId])).toEqual([
      ['b', 'att'],
    ]);
    expect(one?.attachments.attached(id('b'))).toEqual([]);
  });

  it('is released when the node leaves', async () => {
    scene = await new Scene().start(1, attachable('att'));
    const [one] = scene.machines;
    await one?.attach('a', ['att']);
    await one?.agent.leave();
    await scene.clock.advance(500);
    expect(scene.held()).toEqual([]);
    expect(one?.lost).toHaveLength(1);
    expect(await one?.attach('b', ['att'])).toContain('this node is in no swarm');
  });

  it('is asked for again when its task goes without a word', async () => {
    scene = await new Scene().start(1, attachable('att'));
    const [one] = scene.machines;
    await one?.attach('a', ['att']);
    await scene.write((tx) => {
      for (const { id: taskId } of tx.tasksByNode('n1')) {
        tx.remove('task', taskId);
      }
    });
    await scene.clock.advance(500);
    expect(scene.held()).toEqual(['ca 10.0.5.2/29 running']);
  });
});

describe('a hostile worker', () => {
  it('waits when it starts and ends without a rest; what it said before it began anew does not count', async () => {
    scene = await new Scene().start(1, attachable('att', {}, '10.4.0.0/16'));
    await scene.machines[0]?.stop();
    const claims = claimsOf(900);
    const ids = claims.map((claim) => claim.id);
    const [again] = claimsOf(1);
    scene.say('n1', async function* () {
      yield { kind: 'attachments', complete: true, claims, released: [] };
      yield { kind: 'attachments', complete: false, claims: [], released: ids };
      yield {
        kind: 'attachments',
        complete: false,
        claims: again === undefined ? [] : [again],
        released: [],
      };
    });
    await scene.clock.advance(1_000);
    expect(scene.held()).toHaveLength(700);
    scene.say('n1', async function* () {
      yield { kind: 'attachments', complete: true, claims: [], released: [] };
      for (let beat = 0; beat < 60; beat += 1) {
        await scene.clock.sleep(500);
        yield { kind: 'heartbeat' };
      }
    });
    await scene.clock.advance(30_000);
    expect(scene.held()).toEqual([]);
  });

  it('has no more names than all others can be told', async () => {
    scene = await new Scene().start(1, attachable('att', {}, '10.4.0.0/16'));
    await scene.machines[0]?.stop();
    const aliases = Array.from({ length: 16 }, (_, at) => `${at}`.padEnd(128, 'x'));
    const said = scene.say('n1', async function* () {
      const claims = claimsOf(100).map((claim) => ({ ...claim, aliases }));
      yield { kind: 'attachments', complete: true, claims, released: [] };
    });
    await scene.clock.advance(1_000);
    expect([scene.held().length, new Set(said)]).toEqual([63, new Set(['too-many-attachments'])]);
  });

  it('holds no more than a node may, and speaks for itself alone', async () => {
    scene = await new Scene().start(2, attachable('att', {}, '10.4.0.0/16'));
    const [one, two] = scene.machines;
    await one?.attach('a', ['att']);
    const [taken] = scene.store.view.tasksByNode('n1');
    const own = claimsOf(1_000);
    await two?.stop();
    const said = scene.say('n2', async function* () {
      yield {
        kind: 'attachments',
        complete: false,
        claims: own,
        released: [taken?.attachment?.id ?? ''],
      } as const;
      await scene.clock.sleep(1_000);
      const more = own.slice(0, 3).map((claim, index) => ({
        ...claim,
        id: claim.id.replace('z', 'y'),
        containerId: id('cde'.charAt(index)),
      }));
      yield { kind: 'attachments', complete: false, claims: more, released: [] } as const;
      const [last] = own.slice(-1);
      const other = more.slice(0, 1).map((claim) => ({ ...claim, addresses: ['10.4.0.2'] }));
      yield { kind: 'attachments', complete: false, claims: other, released: [last?.id ?? ''] } as const;
    });
    await scene.clock.advance(3_000);
    expect(scene.store.view.tasksByNode('n1')).toHaveLength(1);
    expect(scene.store.view.tasksByNode('n2')).toHaveLength(999);
    expect(said).toEqual([...Array(3).fill('too-many-attachments'), 'address-taken']);
    expect(scene.held().filter((line) => line.includes(' 10.4.0.2/'))).toEqual(['ca 10.4.0.2/16 running']);
    await scene.write((tx) => tx.remove('node', 'n2'));
    await scene.clock.advance(10_000);
    expect(scene.store.view.tasksByNode('n2')).toEqual([]);
  }, 20_000);
});
