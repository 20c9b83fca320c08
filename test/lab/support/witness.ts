// What all machines and the client know of one connection that nobody answers, told at the moment when it is missed:
// tracked connections, IPVS's, sockets, the kernels' counters, and the packets that the client's network saw.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quoted } from '../../cluster/support/background.ts';
import { run } from '../../cluster/support/command.ts';
import { type Host, namespaceOf } from '../../cluster/support/lab.ts';
import type { Suspect } from '../../cluster/support/load.ts';
import { shell } from './kernel.ts';

/** Two files of a ring, MB each: some minutes of load. */
const RING_MB = '16';
const PACKET_BYTES = '96';
/** An emulated machine that is asked for all this answers nothing else meanwhile. */
const WITNESSES_MAX = 3;
const COUNTERS =
  'PAWS|Listen|TimeWait|TW|ReqQFull|Challenge|OutRsts|AttemptFails|EstabResets|Retrans|Timeouts|InCsum';

export class Witness {
  private readonly directory: string;
  private readonly capture: ChildProcess;
  private readonly hosts: readonly Host[];
  private readonly words: Promise<void>[] = [];

  private constructor(hosts: readonly Host[], directory: string) {
    this.hosts = hosts;
    this.directory = directory;
    const ring = ['-C', RING_MB, '-W', '2', '-w', join(directory, 'packets'), '-U', '-s', PACKET_BYTES];
    this.capture = spawn(
      'nsenter',
      [`--net=${namespaceOf('client')}`, 'tcpdump', '-i', 'any', '-n', '-Z', 'root', ...ring, 'tcp'],
      { stdio: 'ignore' },
    );
  }

  static async start(hosts: readonly Host[]): Promise<Witness> {
    return new Witness(hosts, await mkdtemp(join(tmpdir(), 'skein-witness-')));
  }

  /** Asks everybody, and writes it to the test's output. */
  readonly ask = (suspect: Suspect): void => {
    process.stderr.write(`no word for a request: ${JSON.stringify(suspect)}\n`);
    if (this.words.length < WITNESSES_MAX) {
      this.words.push(this.tell(suspect.from));
    }
  };

  /** When all that was asked is told. */
  async said(): Promise<void> {
    await Promise.all(this.words);
  }

  async end(): Promise<void> {
    await this.said();
    this.capture.kill('SIGTERM');
    await rm(this.directory, { recursive: true, force: true });
  }

  private async tell(port: number): Promise<void> {
    const line = question(port);
    const answers = await Promise.all([
      this.packets(port),
      run('nsenter', [`--net=${namespaceOf('client')}`, 'sh', '-c', line], { mayFail: true }).then(
        ({ stdout }) => `--- client\n${stdout}`,
      ),
      ...this.hosts.map(async (host) => {
        const loop = `for n in /proc/1/ns/net /run/skein/netns/*; do echo "-- $n"; nsenter --net=$n sh -c ${quoted(line)}; done`;
        return `--- ${host}\n${await shell(host, loop).catch(String)}`;
      }),
    ]);
    process.stderr.write(`${answers.join('\n')}\n`);
  }

  private async packets(port: number): Promise<string> {
    const files = (await readdir(this.directory)).sort();
    const texts = await Promise.all(
      files.map((file) =>
        run('tcpdump', ['-n', '-tt', '-r', join(this.directory, file), `port ${port}`], { mayFail: true }),
      ),
    );
    return texts.map(({ stdout }) => `--- packets\n${stdout}`).join('');
  }
}

/** In one network namespace; a kernel without one of these says nothing. */
function question(port: number): string {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  return [
    `grep -E "[sd]port=${port} " /proc/net/nf_conntrack`,
    `grep -E " ${hex} " /proc/net/ip_vs_conn`,
    `ss -tnoaiH "( sport = :${port} or dport = :${port} )"`,
    `nstat -asz | grep -E "${COUNTERS}" | grep -v " 0 " | tr -s " \\n" " "`,
    'echo; head -n 2 /proc/net/stat/nf_conntrack',
  ]
    .map((command) => `${command} 2>/dev/null`)
    .join('; ');
}
