// The hand of the lab inside a virtual machine: runs commands and passes connections on to unix sockets, for
// whoever reaches its port. It listens on the management network only, which no test ever cuts and which stands
// in a namespace of its own, so that the machine under test has one network like any other.
//
// One connection is one job. The first line is JSON: {"run": ["program", …], "environment": {…}} or
// {"connect": "/path"}. A connect job is passed through byte by byte. A run job takes what follows as standard
// input, and answers in frames: a byte for the kind (FRAME), four for the length, big endian, then the content.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { FRAME, type Job, frame } from './job.ts';

const PORT = 7;
/** A job's first line. */
const JOB_BYTES_MAX = 1024 * 1024;
/** Commands run in the network and with the mounts of the machine: the agent's namespace has a /sys of its own. */
const ENTER_MACHINE = ['nsenter', '--net=/proc/1/ns/net', '--mount=/proc/1/ns/mnt', '--'];

const server = createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  takeJob(socket).catch((error: unknown) => {
    socket.end(frame(FRAME.error, Buffer.from(String(error))));
  });
});
server.listen(PORT, '0.0.0.0');

async function takeJob(socket: Socket): Promise<void> {
  let text = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    text = Buffer.concat([text, chunk]);
    const end = text.indexOf(0x0a);
    if (end >= 0) {
      socket.pause();
      const rest = text.subarray(end + 1);
      if (rest.length > 0) {
        socket.unshift(rest);
      }
      const job = JSON.parse(text.subarray(0, end).toString()) as Job;
      return 'connect' in job ? connect(socket, job.connect) : run(socket, job);
    }
    if (text.length > JOB_BYTES_MAX) {
      throw new Error('no job in the first MiB');
    }
  }
}

function connect(socket: Socket, path: string): void {
  const target = createConnection({ path, allowHalfOpen: true });
  target.on('error', () => socket.destroy());
  socket.on('close', () => target.destroy());
  target.on('close', () => socket.destroy());
  socket.pipe(target);
  target.pipe(socket);
}

function run(socket: Socket, job: Extract<Job, { run: unknown }>): void {
  const child = spawn(ENTER_MACHINE[0] ?? '', [...ENTER_MACHINE.slice(1), ...job.run], {
    cwd: '/',
    env: { ...process.env, ...job.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own, so that all of it ends when the caller goes.
    detached: true,
  });
  child.on('error', (error) => socket.end(frame(FRAME.error, Buffer.from(String(error)))));
  child.stdin.on('error', () => undefined);
  socket.pipe(child.stdin);
  for (const [stream, kind] of [
    [child.stdout, FRAME.stdout],
    [child.stderr, FRAME.stderr],
  ] as const) {
    stream.on('data', (chunk: Buffer) => {
      if (!socket.write(frame(kind, chunk))) {
        stream.pause();
        socket.once('drain', () => stream.resume());
      }
    });
  }
  let exited = false;
  child.on('exit', () => {
    exited = true;
  });
  child.on('close', (code, signal) => {
    socket.end(frame(FRAME.exit, Buffer.from(JSON.stringify({ code: code ?? -1, signal }))));
  });
  socket.on('close', () => {
    if (!exited && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL');
    }
  });
}
