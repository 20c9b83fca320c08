// Servers that tell who asked, and callers of them, by TCP and UDP of both families: Node processes on the
// hosts, the servers inside the networks of tasks, so that a replica's network can be looked at from within.
import { Background } from './background.ts';
import { type Host, isVirtual, lab, taskNamespaceOf } from './lab.ts';

const ANSWER_TIMEOUT_MS = isVirtual ? 10_000 : 3_000;
const CALLS_TIMEOUT_MS = 60_000;

export type Protocol = 'tcp' | 'udp';

export interface Call {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
}

const SERVER = `
const [name, port] = process.argv.slice(1);
const bare = (address) => String(address).replace('::ffff:', '');
require('net').createServer((c) => { c.on('error', () => {}); c.end(name + ' ' + bare(c.remoteAddress)); }).listen(port, '::');
const udp = require('dgram').createSocket('udp6');
udp.on('message', (_, from) => udp.send(name + ' ' + bare(from.address), from.port, from.address));
udp.bind(port, '::', () => process.stdout.write('ready'));
`;

const CALLER = `
const ask = {
  tcp: ({ address, port }) => new Promise((resolve) => {
    const c = require('net').connect({ host: address, port, timeout: ${ANSWER_TIMEOUT_MS} });
    let text = '';
    c.on('data', (d) => { text += d; }).on('close', () => resolve(text)).on('timeout', () => { text = 'ETIMEDOUT'; c.destroy(); })
      .on('error', (e) => { text = e.code; });
  }),
  udp: ({ address, port }) => new Promise((resolve) => {
    const s = require('dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (text) => { clearTimeout(timer); s.close(); resolve(text); };
    const timer = setTimeout(() => end('ETIMEDOUT'), ${ANSWER_TIMEOUT_MS});
    s.on('message', (d) => end(String(d))).on('error', (e) => end(e.code));
    s.connect(port, address, () => s.send('who'));
  }),
};
(async () => {
  const answers = [];
  for (const call of JSON.parse(process.argv[1])) answers.push(await ask[call.protocol](call));
  process.stdout.write(JSON.stringify(answers));
})();
`;

/** Answers `NAME ADDRESS` on the port, by every protocol and family, until ended. */
export class AddressServer {
  private readonly running: Background;

  private constructor(running: Background) {
    this.running = running;
  }

  /** In the network of a task. */
  static async start(host: Host, task: string, name: string, port: number): Promise<AddressServer> {
    const command = [`--net=${taskNamespaceOf(host, task)}`, 'node', '-e', SERVER, name, String(port)];
    return new AddressServer(await Background.start(host, ['nsenter', ...command], 'ready'));
  }

  async end(): Promise<void> {
    await this.running.end();
  }
}

/** Asks one after the other, from a host; answers in the same order, an error by its code. */
export async function callAll(from: Host | 'client', calls: readonly Call[]): Promise<readonly string[]> {
  const command = ['node', '-e', CALLER, JSON.stringify(calls)];
  const { stdout } = await lab.exec(from, command, { timeoutMs: CALLS_TIMEOUT_MS });
  return JSON.parse(stdout) as string[];
}
