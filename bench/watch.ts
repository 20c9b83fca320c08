// Whether an address answers, asked every few milliseconds from a network namespace by a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const probers = new Set<ChildProcess>();

export class Watch {
  /** When it began to answer, milliseconds since 1970; 0 while it does not. */
  up = 0;
  /** When the last attempt that failed was begun, milliseconds since 1970; 0 before the first. */
  failed = 0;
  readonly ready: Promise<void>;

  /** @param namespace path of the network namespace to ask from */
  constructor(namespace: string, address: string, port: number) {
    const prober = fileURLToPath(new URL('prober.js', import.meta.url));
    const command = [process.execPath, prober, address, String(port)];
    const child = spawn('nsenter', [`--net=${namespace}`, ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    probers.add(child);
    const lines = createInterface({ input: child.stdout });
    this.ready = once(lines, 'line').then(() => undefined);
    lines.on('line', (line) => this.note(line));
  }

  private note(line: string): void {
    const [word, when] = line.split(' ');
    if (word === 'up') {
      this.up = Number(when);
    } else if (word === 'down') {
      this.up = 0;
    } else if (word === 'failed') {
      this.failed = Math.max(this.failed, Number(when));
    }
  }
}

/** Ends all probers. */
export function endWatches(): void {
  for (const prober of probers) {
    prober.kill('SIGKILL');
  }
  probers.clear();
}
