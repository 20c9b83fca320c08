// ICMP echo (RFC 792) from inside a network namespace: one socket a target, never waiting. Who asks looks again
// after a moment, since an answer is a matter of milliseconds and the test of minutes' rarity.
import { check, raw } from './libc.ts';
import { type NamespaceRef, inNamespace } from './namespace.ts';
import { encodeSocketAddress } from './socket.ts';

const AF_INET = 2;
/** SOCK_RAW, non-blocking, closed on exec. */
const SOCK_RAW_FLAGS = 3 | 0o4000 | 0o2000000;
const IPPROTO_ICMP = 1;
const ECHO_REQUEST = 8;
const ECHO_REPLY = 0;
const HEADER_BYTES = 8;
const PAYLOAD_BYTES = 32;
const RECEIVE_BYTES = 2048;

export class Echo {
  private readonly fd: number;
  private readonly identifier: number;
  private readonly buffer = Buffer.alloc(RECEIVE_BYTES);

  /** @param identifier tells our answers from those of others on this machine; 16 bits */
  constructor(namespace: NamespaceRef, address: string, identifier: number) {
    this.identifier = identifier;
    this.fd = inNamespace(namespace, () =>
      check(raw.socket(AF_INET, SOCK_RAW_FLAGS, IPPROTO_ICMP), 'socket', 'icmp'),
    );
    const target = encodeSocketAddress(address, 0);
    try {
      check(raw.connect(this.fd, target, target.length), 'connect', `icmp ${address}`);
    } catch (error) {
      raw.close(this.fd);
      throw error;
    }
  }

  /** False when the kernel refused it, e.g. since its policy forbids clear text and there is no key. */
  send(sequence: number): boolean {
    const packet = Buffer.alloc(HEADER_BYTES + PAYLOAD_BYTES);
    packet.writeUInt8(ECHO_REQUEST, 0);
    packet.writeUInt16BE(this.identifier, 4);
    packet.writeUInt16BE(sequence, 6);
    packet.writeUInt16BE(checksum(packet), 2);
    return raw.send(this.fd, packet, packet.length, 0) === packet.length;
  }

  /** True once an answer to one of our requests is there. */
  hasAnswer(): boolean {
    while (true) {
      const length = raw.recv(this.fd, this.buffer, this.buffer.length, 0);
      if (length <= 0) {
        return false;
      }
      const at = (this.buffer.readUInt8(0) & 0x0f) * 4;
      const isWhole = length >= at + HEADER_BYTES;
      if (
        isWhole &&
        this.buffer.readUInt8(at) === ECHO_REPLY &&
        this.buffer.readUInt16BE(at + 4) === this.identifier
      ) {
        return true;
      }
    }
  }

  close(): void {
    raw.close(this.fd);
  }
}

/** RFC 1071: the complement of the sum of all words. */
function checksum(packet: Buffer): number {
  let sum = 0;
  for (let at = 0; at < packet.length; at += 2) {
    sum += packet.readUInt16BE(at);
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ~sum & 0xffff;
}
