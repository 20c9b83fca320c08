// Asks the name server of a container as its own programs would: a Node process in the container's network, at a
// steady rate, or as fast as it can by UDP or TCP. Counts what is answered and how late.
import { spawn } from 'node:child_process';
import { run } from './command.ts';

export interface Answered {
  readonly asked: number;
  readonly lost: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

const COMMON = `
const query = (id, name) => {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([Buffer.from([id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), ...labels, Buffer.from([0, 0, 1, 0, 1])]);
};
const SERVER = '127.0.0.11';
`;

const STEADY = `${COMMON}
const [name, rate, seconds] = [process.argv[1], Number(process.argv[2]), Number(process.argv[3])];
const socket = require('dgram').createSocket('udp4');
const began = new Map(), took = [];
let sent = 0;
socket.on('message', (data) => {
  const id = data.readUInt16BE(0), good = (data[3] & 15) === 0 && data.readUInt16BE(6) > 0;
  if (good && began.has(id)) { took.push(performance.now() - began.get(id)); began.delete(id); }
});
socket.connect(53, SERVER, () => {
  const start = performance.now();
  const timer = setInterval(() => {
    for (const due = Math.min(rate * seconds, (performance.now() - start) / 1000 * rate); sent < due; sent += 1) {
      began.set(sent, performance.now());
      socket.send(query(sent, name));
    }
    if (sent >= rate * seconds) { clearInterval(timer); setTimeout(end, 3000); }
  }, 1);
});
const end = () => {
  took.sort((a, b) => a - b);
  const at = (part) => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? -1;
  process.stdout.write(JSON.stringify({ asked: sent, lost: began.size, medianMs: at(0.5), p99Ms: at(0.99), worstMs: at(1) }));
  process.exit(0);
};
`;

const FLOOD = {
  udp: `${COMMON}
const [name] = process.argv.slice(1);
const socket = require('dgram').createSocket('udp4');
let sent = 0;
socket.on('error', () => {});
socket.connect(53, SERVER, function more() {
  for (let n = 0; n < 100; n += 1) socket.send(query(sent++ & 65535, name), () => {});
  setImmediate(more);
});
`,
  tcp: `${COMMON}
const [name] = process.argv.slice(1);
const one = query(1, name);
const many = Buffer.concat(Array.from({ length: 500 }, () => Buffer.concat([Buffer.from([0, one.length]), one])));
const open = () => {
  const socket = require('net').connect(53, SERVER, function more() { while (socket.write(many)); });
  socket.on('drain', () => { while (socket.write(many)); }).on('data', () => {}).on('error', () => {}).on('close', () => setTimeout(open, 10));
};
for (let n = 0; n < 16; n += 1) open();
`,
  connections: `${COMMON}
const open = () => require('net').connect(53, SERVER, function () { this.destroy(); }).on('error', () => {}).on('close', open);
for (let n = 0; n < 64; n += 1) open();
`,
} as const;

export type Flood = keyof typeof FLOOD;

/** Asks for the name so often a second; an answer that comes three seconds after the last question counts as lost. */
export async function askSteadily(
  namespace: string,
  name: string,
  rate: number,
  seconds: number,
): Promise<Answered> {
  const words = ['-e', STEADY, name, String(rate), String(seconds)];
  const { stdout } = await run('nsenter', [`--net=${namespace}`, process.execPath, ...words], {
    timeoutMs: seconds * 1_000 + 30_000,
  });
  return JSON.parse(stdout) as Answered;
}

/** Asks for the name as fast as it can, until the answer is called. */
export function flood(namespace: string, how: Flood, name: string): () => void {
  const command = [`--net=${namespace}`, process.execPath, '-e', FLOOD[how], name];
  const child = spawn('nsenter', command, { stdio: 'ignore' });
  return () => {
    child.kill('SIGKILL');
  };
}
