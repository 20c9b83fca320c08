// Programs that run on a host by themselves while a test does something else: a capture, a load. They live in the
// host, not in this process, so they are the same on namespaces and on virtual machines, where a signal sent here
// would not reach them.
import { type Host, lab, labName } from './lab.ts';

/** Virtual machines in software start programs slowly. */
const READY_SECONDS = 60;
const END_SECONDS = 60;

/** For a shell line in single quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

let count = 0;

export class Background {
  private readonly host: Host | 'client';
  private readonly file: string;
  private readonly pid: string;

  private constructor(host: Host | 'client', file: string, pid: string) {
    this.host = host;
    this.file = file;
    this.pid = pid;
  }

  /**
   * Starts a command.
   * @param ready what it writes, to either output, when it is ready; waited for
   * @throws Error with what it wrote instead, when it does not become ready
   */
  static async start(host: Host | 'client', command: readonly string[], ready = ''): Promise<Background> {
    count += 1;
    const file = `/tmp/skein-background-${labName}-${process.pid}-${count}`;
    const line = [
      `${command.map(quoted).join(' ')} >${file}.out 2>${file}.err </dev/null & pid=$!`,
      `end=$((SECONDS + ${READY_SECONDS}))`,
      `until grep -aqs -- ${quoted(ready)} ${file}.out ${file}.err || [ -z ${quoted(ready)} ]; do`,
      `  [ -d /proc/$pid ] && [ $SECONDS -lt $end ] || { cat ${file}.out ${file}.err >&2; exit 1; }`,
      '  sleep 0.1',
      'done',
      'echo $pid',
    ].join('\n');
    const { stdout } = await lab.exec(host, ['bash', '-c', line]);
    return new Background(host, file, stdout.trim());
  }

  /** What it wrote to its standard output so far. */
  async read(): Promise<string> {
    return (await lab.exec(this.host, ['cat', `${this.file}.out`])).stdout;
  }

  /** Ends it by SIGTERM, waits until it is gone, and answers what it wrote to its standard output. */
  async end(): Promise<string> {
    const { pid, file } = this;
    const line = [
      `kill -TERM ${pid}`,
      `end=$((SECONDS + ${END_SECONDS}))`,
      `while [ -d /proc/${pid} ]; do [ $SECONDS -lt $end ] || kill -KILL ${pid}; sleep 0.1; done`,
      `cat ${file}.out; rm -f ${file}.out ${file}.err`,
    ].join('\n');
    return (await lab.exec(this.host, ['bash', '-c', line])).stdout;
  }
}
