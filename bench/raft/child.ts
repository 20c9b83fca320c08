// Member processes: started with their errors in view, ended by id, and never left behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A member that does not end by itself within this is killed. */
const END_LIMIT_MS = 10_000;
/** Of what a member says on standard error, this much is told when it fails. */
const TOLD_BYTES = 4_000;

export class Member {
  readonly process: ChildProcess;
  private said = '';
  private readonly name: string;

  /** @param directory where it runs */
  constructor(name: string, directory: string, file: string, args: readonly string[]) {
    this.name = name;
    this.process = spawn(file, [...args], { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] });
    this.process.stderr?.on('data', (text: Buffer) => {
      this.said = (this.said + text.toString()).slice(-TOLD_BYTES);
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** @throws Error with what the member said, when it has ended */
  check(): void {
    if (this.process.exitCode !== null) {
      throw new Error(`${this.name} ended with status ${this.process.exitCode}: ${this.said}`);
    }
  }

  /** Ends it by its own means (`ask`), then by force. */
  async end(ask: (process: ChildProcess) => void): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) {
      return;
    }
    const ended = once(this.process, 'exit');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), END_LIMIT_MS);
    ask(this.process);
    await ended;
    clearTimeout(timer);
  }
}
