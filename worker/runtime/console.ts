// A client's end of a container's standard streams: conmon's attach socket and control pipe. Each packet of conmon's
// begins with the stream's number; what goes to it is input. Knows nothing of who the client is.
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasErrno } from '../kernel/errors.ts';
import { connectPackets, type PacketStream } from '../kernel/packet_stream.ts';

/** conmon reads as much of a packet at a time; more would be cut (conmon's CONN_SOCK_BUF_SIZE is four times that). */
const INPUT_PACKET_BYTES = 8 * 1024;
/** conmon's number of standard error; anything else is standard output. */
const STDERR_PIPE = 3;
/** First word of the control pipe's messages. */
const RESIZE = 1;

export type OutputStream = 'stdout' | 'stderr';

/** What a client does with output; called in the order in which the container wrote. */
export interface ConsoleListener {
  /** Returns false when no more can be taken for now: `resume` tells when. */
  output(stream: OutputStream, data: Buffer): boolean;
  /** Nothing more comes: the container has ended, or the connection was cut. */
  end(): void;
}

export class ContainerConsole {
  private readonly packets: PacketStream;
  private listener: ConsoleListener | undefined;
  private isEnded = false;

  /** @param bundle directory where conmon listens. @throws SkeinError `ENOENT`, `ECONNREFUSED` … */
  constructor(bundle: string) {
    this.packets = connectThrough(bundle);
    const { socket } = this.packets;
    socket.pause();
    socket.on('data', (packet: Buffer) => this.deliver(packet));
    socket.on('end', () => this.finish());
    socket.on('error', () => this.finish());
    socket.on('close', () => this.finish());
  }

  /** Output comes from now on; until then conmon keeps it, and then makes the container wait. */
  listen(listener: ConsoleListener): void {
    this.listener = listener;
    this.packets.socket.resume();
  }

  get isPaused(): boolean {
    return this.packets.socket.isPaused() && !this.isEnded;
  }

  resume(): void {
    this.packets.socket.resume();
  }

  /** Output is read on and dropped: nobody listens any more, and the input stays as it is. */
  ignore(): void {
    this.listener = { output: () => true, end: () => undefined };
    this.packets.socket.resume();
  }

  /** Resolves when conmon has taken it; what goes to a container that has ended is dropped. */
  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length && !this.isEnded; at += INPUT_PACKET_BYTES) {
      await this.send(data.subarray(at, at + INPUT_PACKET_BYTES));
    }
  }

  /** No more input comes. */
  endInput(): void {
    this.packets.socket.end();
  }

  close(): void {
    this.finish();
  }

  /** Two packets in one write would become one. */
  private send(packet: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.packets.socket.write(packet, () => resolve()));
  }

  private deliver(packet: Buffer): void {
    const stream = packet[0] === STDERR_PIPE ? 'stderr' : 'stdout';
    if (packet.length > 1 && this.listener?.output(stream, packet.subarray(1)) === false) {
      this.packets.socket.pause();
    }
  }

  private finish(): void {
    if (this.isEnded) {
      return;
    }
    this.isEnded = true;
    for (const packet of this.packets.rest()) {
      this.deliver(packet);
    }
    this.packets.close();
    this.listener?.end();
  }
}

/** Tells the container's terminal its size, in characters. Without a terminal, or once it has ended, nothing happens. */
export function resizeConsole(
  bundle: string,
  size: { readonly height: number; readonly width: number },
): void {
  let fd: number;
  try {
    fd = openSync(join(bundle, 'ctl'), constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENXIO')) {
      return;
    }
    throw error;
  }
  try {
    writeSync(fd, `${RESIZE} ${size.height} ${size.width}\n`);
  } finally {
    closeSync(fd);
  }
}

/** By the directory's descriptor: socket paths have room for 107 bytes only. */
function connectThrough(bundle: string): PacketStream {
  const directory = openSync(bundle, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    return connectPackets(`/proc/self/fd/${directory}/attach`);
  } finally {
    closeSync(directory);
  }
}
