// SCTP through the mesh: the kernel need not speak it (many do not), address translation knows it all the
// same. An INIT and its answer go by raw sockets, from an outside client through a host without a replica.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crc32c } from '../../../manager/raft/storage/crc32c.ts';
import { systemClock } from '../../../shared/clock.ts';
import { check, raw } from '../../kernel/libc.ts';
import { inNamespace } from '../../kernel/namespace.ts';
import { encodeSocketAddress } from '../../kernel/socket.ts';
import { Fabric } from './fabric.ts';
import { requestOf, serviceOf, viewOf } from './views.ts';

const root = process.getuid?.() === 0;
const never = new AbortController().signal;
const INGRESS = 'ingress0sctp';
const TASK = { id: 'tasks0000001', host: 2, address: '10.4.0.11' };
const PORT = { name: '', protocol: 'sctp', target: 80, published: 8080, mode: 'ingress' } as const;
const [AF_INET, SOCK_RAW, SOCK_NONBLOCK, IPPROTO_SCTP] = [2, 3, 0o4000, 132];
const IP_HEADER_BYTES = 20;
const TAG = 0x1234_5678;

/** One chunk of RFC 9260 section 3.3.2 or 3.3.3: INIT is 1, INIT ACK 2 (with a cookie, which it must have). */
function packet(from: number, to: number, chunk: 1 | 2): Buffer {
  const cookie = chunk === 2 ? Buffer.from([0, 7, 0, 8, 1, 2, 3, 4]) : Buffer.alloc(0);
  const bytes = Buffer.concat([Buffer.alloc(12 + 20), cookie]);
  bytes.writeUInt16BE(from, 0);
  bytes.writeUInt16BE(to, 2);
  bytes.writeUInt32BE(chunk === 2 ? TAG : 0, 4);
  bytes.writeUInt8(chunk, 12);
  bytes.writeUInt16BE(20 + cookie.length, 14);
  bytes.writeUInt32BE(TAG, 16);
  bytes.writeUInt32BE(65_536, 20);
  bytes.writeUInt16BE(1, 24);
  bytes.writeUInt16BE(1, 26);
  bytes.writeUInt32LE(crc32c(bytes) >>> 0, 8);
  return bytes;
}

class RawSctp {
  private readonly fd: number;

  constructor(namespace: string) {
    this.fd = inNamespace(namespace, () =>
      check(raw.socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, IPPROTO_SCTP), 'socket', 'sctp'),
    );
  }

  send(to: string, bytes: Buffer): void {
    const address = encodeSocketAddress(to, 0);
    check(raw.connect(this.fd, address, address.length), 'connect', to);
    check(raw.send(this.fd, bytes, bytes.length, 0), 'send', to);
  }

  /** `SOURCE:PORT to PORT chunk N` of the next packet. */
  async receive(): Promise<string> {
    const buffer = Buffer.alloc(2048);
    for (let turn = 0; turn < 200; turn += 1) {
      const length = raw.recv(this.fd, buffer, buffer.length, 0);
      if (length > IP_HEADER_BYTES) {
        const source = [...buffer.subarray(12, 16)].join('.');
        const sctp = buffer.subarray(IP_HEADER_BYTES, length);
        return `${source}:${sctp.readUInt16BE(0)} to ${sctp.readUInt16BE(2)} chunk ${sctp.readUInt8(12)}`;
      }
      await systemClock.sleep(10, never);
    }
    return 'nothing';
  }

  close(): void {
    raw.close(this.fd);
  }
}

describe.runIf(root)('sctp', () => {
  let fabric: Fabric;
  let inside = '';

  beforeAll(async () => {
    fabric = new Fabric(2);
    await fabric.start();
    const service = serviceOf('web', '10.4.0.2', [TASK], { ports: [PORT] });
    const view = viewOf(fabric.hosts, INGRESS, '10.4.0.0/24', [service], { vni: 4096, ingress: true });
    for (const { plane } of fabric.hosts) {
      plane.setView(view);
      await plane.check();
    }
    const { plane } = fabric.host(TASK.host);
    inside = (await plane.attach(requestOf(TASK.id, [[INGRESS, TASK.address]]), never)).netnsPath;
  });
  afterAll(() => fabric.destroy());

  it('a published port leads to the replica on another host, and its answer back', async () => {
    const [client, replica] = [new RawSctp(fabric.client), new RawSctp(inside)];
    try {
      client.send(fabric.host(1).address, packet(40_000, 8080, 1));
      expect(await replica.receive()).toBe('10.77.0.250:40000 to 80 chunk 1');
      replica.send('10.77.0.250', packet(80, 40_000, 2));
      expect(await client.receive()).toBe(`${fabric.host(1).address}:8080 to 40000 chunk 2`);
    } finally {
      client.close();
      replica.close();
    }
  });
});
