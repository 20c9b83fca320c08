// Real system calls, so root only: namespaces made, entered, left and removed; sockets that live there.
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errnoName, hasErrno } from './errors.ts';
import { MNT, mount, umount2 } from './mount.ts';
import {
  createNamespace,
  homeNamespace,
  inNamespace,
  isNamespace,
  namespaceIdentity,
  removeNamespace,
} from './namespace.ts';
import { addressBytes, openSocket } from './socket.ts';

const root = process.getuid?.() === 0;
let dir = '';

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
});

afterEach(() => {
  for (const name of ['a', 'b']) {
    removeNamespace(join(dir, 'netns', name));
  }
  rmSync(dir, { recursive: true, force: true });
});

function hereIs(): string {
  return namespaceIdentity('/proc/thread-self/ns/net');
}

describe.runIf(root)('network namespaces', () => {
  it('makes one, enters it, comes back and removes it', () => {
    const path = join(dir, 'netns', 'a');
    const home = hereIs();
    expect(isNamespace(path)).toBe(false);
    createNamespace(path);
    expect(hereIs()).toBe(home);
    expect(isNamespace(path)).toBe(true);
    expect(inNamespace(path, hereIs)).toBe(namespaceIdentity(path));
    expect(hereIs()).toBe(home);
    expect(namespaceIdentity(homeNamespace())).toBe(home);
    removeNamespace(path);
    expect(isNamespace(path)).toBe(false);
    removeNamespace(path);
  });

  it('comes back to the outer namespace after nesting and after a throw', () => {
    const [a, b] = [join(dir, 'netns', 'a'), join(dir, 'netns', 'b')];
    const home = hereIs();
    createNamespace(a);
    inNamespace(a, () => {
      createNamespace(b);
      expect(hereIs()).toBe(namespaceIdentity(a));
      expect(() =>
        inNamespace(b, () => {
          throw new Error('inside');
        }),
      ).toThrow('inside');
      expect(hereIs()).toBe(namespaceIdentity(a));
    });
    expect(hereIs()).toBe(home);
  });

  it('refuses an asynchronous function', () => {
    const path = join(dir, 'netns', 'a');
    createNamespace(path);
    expect(() => inNamespace(path, () => Promise.resolve())).toThrow('synchronous');
  });

  it('opens sockets that work from the daemon though they live in the namespace', async () => {
    const path = join(dir, 'netns', 'a');
    createNamespace(path);
    const udp = openSocket(path, 'udp', '127.0.0.11', 53);
    expect(() => openSocket(path, 'udp', '127.0.0.11', 53)).toThrow('EADDRINUSE');
    const socket = createSocket('udp4');
    socket.bind({ fd: udp });
    expect(socket.address()).toMatchObject({ address: '127.0.0.11', port: 53 });
    const server = createServer();
    server.listen({ fd: openSocket(path, 'tcp', '127.0.0.11', 53) });
    await new Promise((resolve) => server.once('listening', resolve));
    const address: AddressInfo | string | null = server.address();
    expect(address).toMatchObject({ address: '127.0.0.11', port: 53 });
    expect(inNamespace(path, () => readFileSync('/proc/thread-self/net/udp', 'utf8'))).toContain(':0035');
    socket.close();
    server.close();
  });
});

describe.runIf(root)('mounts', () => {
  it('mounts a tmpfs, reports EBUSY with the path while it is in use, detaches', () => {
    mount('tmpfs', dir, 'tmpfs', 0, 'size=64k,mode=700');
    writeFileSync(join(dir, 'file'), 'x');
    mount(join(dir, 'file'), join(dir, 'file'), '', 0x1000);
    let failure: unknown;
    try {
      umount2(dir);
    } catch (error) {
      failure = error;
    }
    expect(hasErrno(failure, 'EBUSY')).toBe(true);
    expect(String(failure)).toContain(dir);
    umount2(dir, MNT.DETACH);
    expect(() => umount2(dir)).toThrow('EINVAL');
  });
});

describe('names and addresses', () => {
  it.each([
    ['10.0.0.1', [10, 0, 0, 1]],
    ['::1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ['fd00:1::2:3', [0xfd, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 3]],
    ['::ffff:10.0.0.1', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1]],
  ])('%s', (address, bytes) => {
    expect([...addressBytes(address)]).toEqual(bytes);
  });

  it('knows errno names', () => {
    expect([errnoName(16), errnoName(2)]).toEqual(['EBUSY', 'ENOENT']);
  });
});
