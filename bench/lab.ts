// Hosts of deploy/lab.sh for a bench, under a name of their own beside any other lab.
import { Engine } from './engine.ts';
import { type Contender, PROJECT, run, say } from './contender.ts';
import { listProcesses } from './processes.ts';

const READY_LIMIT_MS = 60_000;

export interface LabOptions {
  readonly name: string;
  /** First three numbers of the hosts' addresses. */
  readonly subnet: string;
  readonly flags: string;
}

export function labOptions(): LabOptions {
  return {
    name: process.env['SKEIN_LAB'] ?? 'skein-bench',
    subnet: process.env['SKEIN_LAB_SUBNET'] ?? '10.96.0',
    flags: process.env['SKEIN_LAB_FLAGS'] ?? '',
  };
}

export class Lab {
  readonly options: LabOptions;

  constructor(options: LabOptions) {
    this.options = options;
  }

  async command(...args: readonly string[]): Promise<string> {
    const { name, subnet, flags } = this.options;
    return await run(`${PROJECT}/deploy/lab.sh`, args, {
      env: { ...process.env, SKEIN_LAB: name, SKEIN_LAB_SUBNET: subnet, SKEIN_LAB_FLAGS: flags },
    });
  }

  socket(host: string): string {
    return `/run/${this.options.name}-lab/${host}/skein.sock`;
  }

  address(host: string): string {
    return `${this.options.subnet}.${host.slice(1)}`;
  }

  async raise(hosts: number): Promise<void> {
    await this.command('down');
    await this.command('up', String(hosts));
  }

  async initSwarm(engine: Engine, host: string): Promise<void> {
    const address = `${this.address(host)}:2377`;
    await engine.call('POST', '/swarm/init', { ListenAddr: '0.0.0.0:2377', AdvertiseAddr: address });
  }

  async joinManager(leader: Engine, leaderHost: string, engine: Engine, host: string): Promise<void> {
    const { JoinTokens } = await leader.call<{ JoinTokens: { Manager: string } }>('GET', '/swarm');
    await engine.call('POST', '/swarm/join', {
      ListenAddr: '0.0.0.0:2377',
      AdvertiseAddr: `${this.address(host)}:2377`,
      RemoteAddrs: [`${this.address(leaderHost)}:2377`],
      JoinToken: JoinTokens.Manager,
    });
  }
}

/** One host of a lab as a contender. */
export class SkeinHost implements Contender {
  readonly name = 'skein';
  readonly engine: Engine;
  private readonly lab: Lab;

  constructor(lab: Lab) {
    this.lab = lab;
    this.engine = new Engine(lab.socket('h1'));
  }

  async start(): Promise<void> {
    say('raising a skein host');
    await this.lab.raise(1);
    await this.engine.ready(READY_LIMIT_MS);
    await this.lab.initSwarm(this.engine, 'h1');
  }

  async stop(): Promise<void> {
    this.engine.close();
    await this.lab.command('down');
  }

  async daemons(): Promise<ReadonlyMap<string, number>> {
    const all = await listProcesses();
    const root = `/var/lib/${this.lab.options.name}-lab/h1`;
    const daemon = all.find(
      (one) => one.command.includes('/bin/skeind') && one.command.includes(`--root ${root} `),
    );
    const manager = all.find((one) => one.parent === daemon?.pid && one.command.includes('manager/main.js'));
    return new Map([
      ...(daemon === undefined ? [] : [['skeind', daemon.pid] as const]),
      ...(manager === undefined ? [] : [['manager', manager.pid] as const]),
    ]);
  }

  async monitors(): Promise<readonly number[]> {
    const marker = `/var/lib/${this.lab.options.name}-lab/`;
    return (await listProcesses())
      .filter((one) => /(^|\/)conmon /.test(one.command) && one.command.includes(marker))
      .map((one) => one.pid);
  }
}
