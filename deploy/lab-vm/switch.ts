// The network of the virtual machines: an Ethernet switch in user space, one unix socket per machine (qemu's
// `-netdev stream`: each frame behind its length in four bytes), and a tap device that joins it to the bridge on
// which the outside client sits. Cables are cut here, for one direction or both, between any two machines.
// Beside it, for each machine, sockets that lead to the agent and to skeind inside it.
//
//   switch.js DIRECTORY TAP COUNT      serves DIRECTORY/hN/{cable,agent,skein}.sock and DIRECTORY/control.sock;
//                                      the agent of hN is behind 127.0.0.1:(AGENT_PORT_BASE + N)
import { chmodSync, rmSync } from 'node:fs';
import { type Socket, createConnection, createServer } from 'node:net';
import { EthernetSwitch } from './ethernet.ts';
import type { Job } from './job.ts';
import { Tap } from './tap.ts';

const AGENT_PORT_BASE = 7000;
const CLIENT = 'client';
const SKEIN_SOCKET = '/run/skein/skein.sock';
/** A machine that takes no frames for so long loses them: queues of a real switch are shorter. */
const QUEUED_BYTES_MAX = 1024 * 1024;

const [directory = '', tapName = '', count = '0'] = process.argv.slice(2);
const ethernet = new EthernetSwitch();
const cables = new Map<string, (frame: Buffer) => void>();

function forward(port: string, frame: Buffer): void {
  for (const target of ethernet.route(port, frame)) {
    cables.get(target)?.(frame);
  }
}

function serve(path: string, take: (socket: Socket) => void): void {
  rmSync(path, { force: true });
  createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    take(socket);
  }).listen(path, () => chmodSync(path, 0o600));
}

/** Frames of one machine, in qemu's stream format. */
function plugMachine(name: string, socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  ethernet.plug(name);
  const send = (frame: Buffer): void => {
    if (socket.writableLength < QUEUED_BYTES_MAX) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(frame.length);
      socket.cork();
      socket.write(length);
      socket.write(frame);
      socket.uncork();
    }
  };
  cables.set(name, send);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const end = 4 + rest.readUInt32BE(0);
      if (rest.length < end) {
        break;
      }
      forward(name, rest.subarray(4, end));
      rest = rest.subarray(end);
    }
  });
  socket.on('end', () => socket.end());
  socket.on('close', () => {
    if (cables.get(name) === send) {
      cables.delete(name);
      ethernet.unplug(name);
    }
  });
}

/** Leads a caller to the agent of a machine; with a job, the caller need not know of the agent. */
function leadToAgent(number: number, caller: Socket, job?: Job): void {
  const agent = createConnection({ host: '127.0.0.1', port: AGENT_PORT_BASE + number, allowHalfOpen: true });
  agent.on('error', () => caller.destroy());
  agent.on('close', () => caller.destroy());
  caller.on('close', () => agent.destroy());
  if (job !== undefined) {
    agent.write(`${JSON.stringify(job)}\n`);
  }
  caller.pipe(agent);
  agent.pipe(caller);
}

/** One line is one order: `cut A B`, `heal A B` (one direction each), `heal`. */
function obey(line: string): string {
  const [order, from, to] = line.trim().split(' ');
  if (order === 'heal' && from === undefined) {
    ethernet.healAll();
  } else if ((order === 'cut' || order === 'heal') && from !== undefined && to !== undefined) {
    ethernet[order](from, to);
  } else {
    return `no such order: ${line}`;
  }
  return 'done';
}

const tap = new Tap(tapName);
ethernet.plug(CLIENT);
cables.set(CLIENT, (frame) => tap.send(frame));
tap.receive((frame) => forward(CLIENT, frame));

for (let number = 1; number <= Number(count); number += 1) {
  const name = `h${number}`;
  serve(`${directory}/${name}/cable.sock`, (socket) => plugMachine(name, socket));
  serve(`${directory}/${name}/agent.sock`, (socket) => leadToAgent(number, socket));
  serve(`${directory}/${name}/skein.sock`, (socket) =>
    leadToAgent(number, socket, { connect: SKEIN_SOCKET }),
  );
}
serve(`${directory}/control.sock`, (socket) => {
  socket.once('data', (chunk: Buffer) => socket.end(`${obey(chunk.toString())}\n`));
});
