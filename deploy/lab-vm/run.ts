// Runs one command in a machine of the lab: `run.js AGENT_SOCKET CMD…`. Input, output and exit code are the
// command's own; 125 says that the machine could not be asked. Variables named SKEIN_LAB_PASS_X arrive as X.
import { createConnection } from 'node:net';
import { FRAME, FrameReader, type Job } from './job.ts';

const UNREACHABLE = 125;
const PASS_PREFIX = 'SKEIN_LAB_PASS_';

const [path = '', ...command] = process.argv.slice(2);
const environment = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) =>
    name.startsWith(PASS_PREFIX) && value !== undefined ? [[name.slice(PASS_PREFIX.length), value]] : [],
  ),
);
const job: Job = { run: command, environment };
const socket = createConnection({ path, allowHalfOpen: true });
const reader = new FrameReader();
let code = UNREACHABLE;

socket.write(`${JSON.stringify(job)}\n`);
process.stdin.pipe(socket);
process.stdout.on('error', () => socket.destroy());
socket.on('data', (chunk: Buffer) => {
  for (const { kind, content } of reader.push(chunk)) {
    if (kind === FRAME.stdout) {
      process.stdout.write(content);
    } else if (kind === FRAME.stderr) {
      process.stderr.write(content);
    } else if (kind === FRAME.error) {
      process.stderr.write(`lab: ${content.toString()}\n`);
    } else if (kind === FRAME.exit) {
      const exit = JSON.parse(content.toString()) as { readonly code: number };
      code = exit.code < 0 ? 128 : exit.code;
    }
  }
});
socket.on('error', (error) => {
  process.stderr.write(`lab: the machine does not answer: ${error.message}\n`);
});
socket.on('close', () => {
  process.exitCode = code;
  process.stdin.unpipe();
  process.stdin.destroy();
});
