// Servers that tell who asked, and callers of them, by TCP and UDP of both families: Node processes inside
// network namespaces, so that a replica's network can be looked at from within.
import { type ChildProcess, spawn } from 'node:child_process';
import { run } from './command.ts';

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
    const c = require('net').connect({ host: address, port, timeout: 3000 });
    let text = '';
    c.on('data', (d) => { text += d; }).on('close', () => resolve(text)).on('timeout', () => { text = 'ETIMEDOUT'; c.destroy(); })
      .on('error', (e) => { text = e.code; });
  }),
  udp: ({ address, port }) => new Promise((resolve) => {
    const s = require('dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const end = (text) => { clearTimeout(timer); s.close(); resolve(text); };
    const timer = setTimeout(() => end('ETIMEDOUT'), 3000);
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
  private readonly child: ChildProcess;
  private readonly ready: Promise<void>;

  constructor(namespace: string, name: string, port: number) {
    const command = [`--net=${namespace}`, process.execPath, '-e', SERVER, name, String(port)];
    this.child = spawn('nsenter', command, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.ready = new Promise((resolve, reject) => {
      this.child.stdout?.once('data', () => resolve());
      this.child.once('close', (code) => reject(new Error(`the server ended with ${code}`)));
    });
    this.ready.catch(() => undefined);
  }

  whenReady(): Promise<void> {
    return this.ready;
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}

/** Asks one after the other, from within a namespace; answers in the same order, an error by its code. */
export async function callAll(namespace: string, calls: readonly Call[]): Promise<readonly string[]> {
  const command = [`--net=${namespace}`, process.execPath, '-e', CALLER, JSON.stringify(calls)];
  const { stdout } = await run('nsenter', command, { timeoutMs: 60_000 });
  return JSON.parse(stdout) as string[];
}
