// Three members of Debian's etcd on this machine, asked over gRPC by the same client library as skein. On a unix
// socket too; no TLS between them and nothing sealed on disk, as etcd comes.
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import { PROJECT } from '../contender.ts';
import { until } from '../engine.ts';
import { Member } from './child.ts';
import { type Group, MEMBERS, type Put, START_LIMIT_MS } from './contender.ts';
import { freePorts } from './ports.ts';

interface StatusResponse {
  readonly header: { readonly memberId: string } | null;
  readonly leader: string;
}

const asBytes = (bytes: Buffer): Buffer => bytes;

export class EtcdGroup implements Group {
  readonly name = 'etcd';
  private readonly directory: string;
  private readonly definitions: PackageDefinition;
  private members: readonly Member[] = [];
  private leader = 0;
  private client: Client | undefined;

  constructor(directory: string) {
    this.directory = directory;
    this.definitions = loadSync(join(PROJECT, 'bench/raft/kv.proto'), { longs: String, defaults: true });
  }

  get pids(): readonly number[] {
    const others = this.members.filter((_, at) => at !== this.leader);
    return [this.members[this.leader], ...others].map((member) => member?.pid ?? 0);
  }

  async start(): Promise<void> {
    const ports = await freePorts(2 * MEMBERS);
    const url = (at: number): string => `http://127.0.0.1:${ports[at]}`;
    const names = Array.from({ length: MEMBERS }, (_, at) => `member-${at}`);
    const cluster = names.map((name, at) => `${name}=${url(MEMBERS + at)}`).join(',');
    this.members = names.map(
      (name, at) =>
        new Member(`etcd ${name}`, this.directory, 'etcd', [
          ...['--name', name, '--data-dir', join(this.directory, name)],
          // A socket in its working directory, of this very name.
          ...['--listen-client-urls', `unix://localhost:${ports[at]}`, '--advertise-client-urls', url(at)],
          ...['--listen-peer-urls', url(MEMBERS + at), '--initial-advertise-peer-urls', url(MEMBERS + at)],
          ...['--initial-cluster', cluster, '--initial-cluster-state', 'new'],
          ...['--logger', 'zap', '--log-level', 'error'],
        ]),
    );
    const clients = names.map(
      (_, at) =>
        new Client(`unix:${join(this.directory, `localhost:${ports[at]}`)}`, credentials.createInsecure(), {
          'grpc.enable_retries': 0,
        }),
    );
    await until(START_LIMIT_MS, 'a leader of etcd', async () => {
      for (const member of this.members) {
        member.check();
      }
      this.leader = await this.findLeader(clients);
      return this.leader >= 0;
    });
    this.client = clients[this.leader];
    for (const [at, client] of clients.entries()) {
      if (at !== this.leader) {
        client.close();
      }
    }
  }

  put(client: number): Put {
    const { client: grpc } = this;
    if (grpc === undefined) {
      throw new Error('etcd is not started');
    }
    const request = this.message('PutRequest');
    const response = this.message('PutResponse');
    const key = Buffer.from(`key-${client}`);
    return (value) =>
      new Promise((resolve, reject) => {
        const bytes = request.serialize({ key, value: Buffer.from(value) });
        grpc.makeUnaryRequest('/etcdserverpb.KV/Put', asBytes, asBytes, bytes, (error, answer) => {
          if (error !== null) {
            reject(error);
            return;
          }
          response.deserialize(answer ?? Buffer.alloc(0));
          resolve();
        });
      });
  }

  async stop(): Promise<void> {
    this.client?.close();
    await Promise.all(this.members.map((member) => member.end((process) => process.kill('SIGTERM'))));
  }

  /** Its place among the members; -1 when none says so. */
  private async findLeader(clients: readonly Client[]): Promise<number> {
    const answers = await Promise.all(clients.map((client) => this.status(client).catch(() => undefined)));
    return answers.findIndex(
      (answer) => answer !== undefined && answer.leader !== '0' && answer.leader === answer.header?.memberId,
    );
  }

  private status(client: Client): Promise<StatusResponse> {
    const request = this.message('StatusRequest').serialize({});
    const response = this.message('StatusResponse');
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        '/etcdserverpb.Maintenance/Status',
        asBytes,
        asBytes,
        request,
        (error, answer) => {
          if (error === null && answer !== undefined) {
            resolve(response.deserialize(answer) as StatusResponse);
          } else {
            reject(error ?? new Error('no answer'));
          }
        },
      );
    });
  }

  private message(name: string): MessageTypeDefinition<object, object> {
    const found = this.definitions[`etcdserverpb.${name}`];
    if (found === undefined || !('deserialize' in found)) {
      throw new Error(`no message ${name} in kv.proto`);
    }
    return found as MessageTypeDefinition<object, object>;
  }
}
