// Three hosts of a lab, all managers of one swarm, with the web image and an overlay network: where the benches of
// a cluster begin, and how they end, also when they are interrupted. Knows nothing of what is measured.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { importWebImage, say, webArchive } from './contender.ts';
import { Engine, type NodeJson, until } from './engine.ts';
import { Lab, labOptions } from './lab.ts';
import { endWatches } from './watch.ts';

export const HOSTS = ['h1', 'h2', 'h3'] as const;
export type Host = (typeof HOSTS)[number];
export const NETWORK = 'skein-bench';
const READY_LIMIT_MS = 90_000;

export class ThreeManagers {
  readonly lab = new Lab(labOptions());
  private readonly engines = new Map<Host, Engine>(
    HOSTS.map((host) => [host, new Engine(this.lab.socket(host))]),
  );

  engine(host: Host = 'h1'): Engine {
    const engine = this.engines.get(host);
    if (engine === undefined) {
      throw new Error(`no such host: ${host}`);
    }
    return engine;
  }

  /** Empty while there is no leader to ask. */
  async nodes(host: Host = 'h1'): Promise<readonly NodeJson[]> {
    return await this.engine(host)
      .nodes()
      .catch(() => []);
  }

  async ready(host: Host = 'h1'): Promise<void> {
    await until(READY_LIMIT_MS, 'three nodes ready', async () => {
      const nodes = await this.nodes(host);
      return nodes.filter((node) => node.Status.State === 'ready').length === HOSTS.length;
    });
  }

  /** Raises the lab, measures, and ends the lab whatever happens; then the process ends. */
  run(name: string, measure: () => Promise<void>): void {
    this.raisedFor(measure).then(
      () => process.exit(0),
      (error: unknown) => {
        say(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        process.exit(1);
      },
    );
  }

  private async raisedFor(measure: () => Promise<void>): Promise<void> {
    const directory = await mkdtemp(`${tmpdir()}/skein-bench-`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => void this.clear(directory).finally(() => process.exit(1)));
    }
    try {
      await this.raise(directory);
      await measure();
    } finally {
      await this.clear(directory);
    }
  }

  private async raise(directory: string): Promise<void> {
    say('raising three hosts, all managers');
    await this.lab.raise(HOSTS.length);
    const archive = await webArchive(directory);
    const first = this.engine();
    await this.lab.initSwarm(first, 'h1');
    for (const host of HOSTS) {
      if (host !== 'h1') {
        await this.lab.joinManager(first, 'h1', this.engine(host), host);
      }
      await importWebImage(this.engine(host), archive);
    }
    await first.call('POST', '/networks/create', { Name: NETWORK, Driver: 'overlay' });
    await this.ready();
  }

  private async clear(directory: string): Promise<void> {
    endWatches();
    for (const engine of this.engines.values()) {
      engine.close();
    }
    await this.lab.command('down');
    await rm(directory, { recursive: true, force: true });
  }
}
