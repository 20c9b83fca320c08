// Three manager processes on this machine, the very ones that skeind starts: raft over mutual TLS, log sealed
// and synced. A put replaces the label of a config by the call that `config update` makes, at the leader's
// socket, with the version of the one before.
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Client } from '@grpc/grpc-js';
import { systemClock } from '../../shared/clock.ts';
import { enroll } from '../../shared/enrolment/enroll.ts';
import { saveIdentity } from '../../shared/identity/files.ts';
import {
  MANAGER_NODE_ARGUMENTS,
  type ManagerConfig,
  type ManagerReport,
} from '../../shared/protocol/manager_process.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import { client } from '../../shared/rpc/client.ts';
import { RpcConnection } from '../../shared/rpc/connection.ts';
import { caMethods } from '../../shared/wire/methods/ca.ts';
import { controlMethods } from '../../shared/wire/methods/control.ts';
import { PROJECT } from '../contender.ts';
import { Member } from './child.ts';
import { type Group, MEMBERS, type Put, START_LIMIT_MS } from './contender.ts';
import { freePorts } from './ports.ts';
import { until } from '../engine.ts';

const asBytes = (bytes: Buffer): Buffer => bytes;
const POOL = { defaultAddressPool: ['10.0.0.0/8'], subnetSize: 24, dataPathPort: 4789 } as const;

export interface SkeinOptions {
  readonly directory: string;
  /** Where each member leaves a profile of its CPU time; undefined for none. */
  readonly profiles: string | undefined;
}

export class SkeinGroup implements Group {
  readonly name = 'skein';
  private readonly options: SkeinOptions;
  private readonly members: Member[] = [];
  private readonly connection: RpcConnection;
  private grpc: Client | undefined;
  private objects: { readonly id: string; version: number }[] = [];

  constructor(options: SkeinOptions) {
    this.options = options;
    const target = { kind: 'unix', path: join(options.directory, '0.sock') } as const;
    this.connection = new RpcConnection({ clock: systemClock }, { target });
  }

  get pids(): readonly number[] {
    return this.members.map((member) => member.pid);
  }

  async start(clients: number): Promise<void> {
    const ports = await freePorts(MEMBERS);
    const addresses = ports.map((port) => `127.0.0.1:${port}`);
    const [first = ''] = addresses;
    await this.launch(0, first, {
      kind: 'bootstrap',
      availability: 'active',
      hostname: 'bench',
      settings: {},
      ...POOL,
    });
    const control = client(controlMethods, this.connection);
    const { rootCa } = await control.getCluster(ownCall());
    for (let at = 1; at < MEMBERS; at += 1) {
      const identity = await enroll(
        { clock: systemClock, caMethods },
        { addresses: [first], token: rootCa.joinTokens.manager, availability: 'active', signal: limit() },
      );
      await saveIdentity(this.path(at, 'certificates'), identity);
      await this.launch(at, addresses[at] ?? '', { kind: 'join', managers: [first] });
    }
    await this.allReachable();
    this.grpc = await this.connection.ready(limit());
    for (let at = 0; at < clients; at += 1) {
      const spec = { name: `key-${at}`, labels: {}, data: Buffer.from('x') };
      const { id, meta } = await control.createConfig({ spec }, ownCall());
      this.objects.push({ id, version: meta.version });
    }
  }

  put(clientNumber: number): Put {
    const { grpc } = this;
    const object = this.objects[clientNumber];
    if (grpc === undefined || object === undefined) {
      throw new Error('skein is not started');
    }
    const { path, encodeRequest, decodeResponse } = controlMethods.updateConfig;
    const name = `key-${clientNumber}`;
    const data = new Uint8Array(0);
    return (value) =>
      new Promise((resolve, reject) => {
        const spec = { name, labels: { value }, data };
        const bytes = encodeRequest({ ref: object.id, version: object.version, spec });
        grpc.makeUnaryRequest(path, asBytes, asBytes, bytes, (error, answer) => {
          if (error !== null) {
            reject(error);
            return;
          }
          object.version = decodeResponse(answer ?? Buffer.alloc(0)).meta.version;
          resolve();
        });
      });
  }

  async stop(): Promise<void> {
    this.connection.close();
    // The first one leads; were it to go first, the others would hold an election.
    for (const member of this.members.toReversed()) {
      await member.end((process) => process.stdin?.end());
    }
  }

  private path(at: number, name: string): string {
    return join(this.options.directory, String(at), name);
  }

  private async launch(at: number, address: string, start: ManagerConfig['start']): Promise<void> {
    const { profiles } = this.options;
    const profiling =
      profiles === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', join(profiles, String(at))];
    const member = new Member(`manager ${at}`, this.options.directory, process.execPath, [
      ...MANAGER_NODE_ARGUMENTS,
      ...profiling,
      join(PROJECT, 'dist/manager/main.js'),
    ]);
    this.members.push(member);
    const config: ManagerConfig = {
      directory: this.path(at, 'raft'),
      certificates: this.path(at, 'certificates'),
      socket: join(this.options.directory, `${at}.sock`),
      listenAddress: address,
      advertiseAddress: address,
      logLevel: 'warn',
      start,
    };
    member.process.stdin?.write(`${JSON.stringify(config)}\n`);
    await ready(member);
  }

  /** Every manager is a voter that the leader hears from. */
  private async allReachable(): Promise<void> {
    const control = client(controlMethods, this.connection);
    await until(START_LIMIT_MS, 'three reachable managers', async () => {
      const nodes = await control.listNodes({ filters: {} }, ownCall());
      return nodes.filter((node) => node.managerStatus?.reachability === 'reachable').length === MEMBERS;
    });
  }
}

function limit(): AbortSignal {
  return AbortSignal.timeout(START_LIMIT_MS);
}

function ownCall(): CallContext {
  return { peer: { kind: 'local' }, signal: limit() };
}

async function ready(member: Member): Promise<void> {
  if (member.process.stdout === null) {
    throw new Error('a manager without output');
  }
  const lines = createInterface({ input: member.process.stdout });
  for await (const line of lines) {
    const report: ManagerReport = JSON.parse(line);
    if (report.event === 'ready') {
      return;
    }
    if (report.event === 'failed' || report.event === 'ended') {
      throw new Error(`a manager did not start: ${report.message}`);
    }
  }
  member.check();
}
