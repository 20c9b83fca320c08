// A tap device of this network namespace: frames from and to the kernel.
import { openSync, read, writeSync } from 'node:fs';
import koffi from 'koffi';

/** From linux/if_tun.h: _IOW('T', 202, int), and the flags of `struct ifreq`. */
const TUNSETIFF = 0x400454ca;
const IFF_TAP = 0x0002;
const IFF_NO_PI = 0x1000;
const IFREQ_BYTES = 40;
const IFREQ_FLAGS_OFFSET = 16;
/** Beyond any MTU of the lab. */
const FRAME_BYTES_MAX = 65_536;

export class Tap {
  private readonly fd: number;

  /** Opens a device that exists (`ip tuntap add`); the descriptor blocks, so reading takes one thread of the pool. */
  constructor(name: string) {
    this.fd = openSync('/dev/net/tun', 'r+');
    const request = Buffer.alloc(IFREQ_BYTES);
    request.write(name, 0, 'latin1');
    request.writeUInt16LE(IFF_TAP | IFF_NO_PI, IFREQ_FLAGS_OFFSET);
    const ioctl = koffi.load(null).func('int ioctl(int fd, unsigned long request, void *argument)');
    if (ioctl(this.fd, TUNSETIFF, request) !== 0) {
      throw new Error(`cannot open the tap device ${name}`);
    }
  }

  receive(take: (frame: Buffer) => void): void {
    const buffer = Buffer.alloc(FRAME_BYTES_MAX);
    const next = (): void => {
      read(this.fd, buffer, 0, buffer.length, null, (error, bytes) => {
        if (error !== null) {
          throw error;
        }
        take(Buffer.from(buffer.subarray(0, bytes)));
        next();
      });
    };
    next();
  }

  send(frame: Buffer): void {
    try {
      writeSync(this.fd, frame);
    } catch {
      // The device is down or full: a frame is lost, as on any cable.
    }
  }
}
