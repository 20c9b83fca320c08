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
  private hasEnded = false;

  /** @param bundle directory where conmon listens. @throws SkeinError `ENOENT`, `ECONNREFUSED` … */
  constructor(bundle: string) {
    this.packets = connectThrough(bundle);
    const { input, output } = this.packets;
    input.pause();
    input.on('data', (packet: Buffer) => this.deliver(packet));
    input.on('end', () => this.finish());
    // conmon has gone with input unread: what it had sent is there all the same.
    input.on('error', () => this.finish());
    // The container takes no more input: that is its own affair, and `write` drops what comes.
    output.on('error', () => undefined);
  }

  /** Output comes from now on; until then conmon keeps it, and then makes the container wait. */
  listen(listener: ConsoleListener): void {
    this.listener = listener;
    this.packets.input.resume();
  }

  get isEnded(): boolean {
    return this.hasEnded;
  }

  get isPaused(): boolean {
    return this.packets.input.isPaused() && !this.hasEnded;
  }

  resume(): void {
    this.packets.input.resume();
  }

  /** Output is read on and dropped: nobody listens any more, and the input stays as it is. */
  ignore(): void {
    this.listener = { output: () => true, end: () => undefined };
    this.packets.input.resume();
  }

  /** Resolves when conmon has taken it; what goes to a container that has ended is dropped. */
  async write(data: Uint8Array): Promise<void> {
    for (let at = 0; at < data.length && this.packets.output.writable; at += INPUT_PACKET_BYTES) {
      await this.send(data.subarray(at, at + INPUT_PACKET_BYTES));
    }
  }

  /** No more input comes. */
  endInput(): void {
    this.packets.output.end();
  }

  /** What was not delivered yet is lost. */
  close(): void {
    if (!this.hasEnded) {
      this.hasEnded = true;
      this.packets.close();
      this.listener?.end();
    }
  }

  /** Two packets in one write would become one. */
  private send(packet: Uint8Array): Promise<void> {
    return new Promise((resolve) => this.packets.output.write(packet, () => resolve()));
  }

  private deliver(packet: Buffer): void {
    const stream = packet[0] === STDERR_PIPE ? 'stderr' : 'stdout';
    if (packet.length > 1 && this.listener?.output(stream, packet.subarray(1)) === false) {
      this.packets.input.pause();
    }
  }

  private finish(): void {
    if (!this.hasEnded) {
      for (const packet of this.packets.rest()) {
        this.deliver(packet);
      }
      this.close();
    }
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
