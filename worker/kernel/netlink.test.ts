// Byte-exact requests beside what the kernel makes of them: each kind of object is put into a fresh
// namespace, read back, and removed.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../shared/clock.ts';
import { createNamespace, homeNamespace, inNamespace, openNamespace, removeNamespace } from './namespace.ts';
import { decodeMessages, encodeMessage } from './netlink_message.ts';
import { NETLINK_ROUTE, NetlinkSocket } from './netlink_socket.ts';
import { applyNft, listNft } from './nft.ts';
import {
  addRule,
  addVeth,
  addVxlan,
  deleteForwarding,
  deleteLink,
  deleteNeighbour,
  deleteRoute,
  deleteRule,
  putAddress,
  putForwarding,
  putNeighbour,
  putRoute,
  setLink,
  setProxyDelayZero,
} from './rtnetlink.ts';
import {
  addressText,
  findLink,
  readAddresses,
  readForwarding,
  readLinks,
  readNeighbours,
  readRoutes,
  readRules,
} from './rtnetlink_read.ts';
import { addressBytes } from './socket.ts';
import { differingSysctls, writeSysctls } from './sysctl.ts';

const root = process.getuid?.() === 0;

describe('messages', () => {
  it.each([
    [
      'a host route via an interface',
      putRoute({ destination: '10.0.1.5/32', table: 254, type: 'unicast', index: 7 }),
      '34000000180005050700000000000000' +
        '02200000fe53fd0100000000' +
        '080001000a000105' +
        '08000f00fe000000' +
        '0800040007000000',
    ],
    [
      'a permanent neighbour',
      putNeighbour(3, '169.254.0.2', '02:73:6b:00:00:02'),
      '300000001c0005050700000000000000' +
        '020000000300000080000000' +
        '08000100a9fe0002' +
        '0a0002000273' +
        '6b0000020000',
    ],
    [
      'a rule by mark',
      addRule({ priority: 1002, fwmark: 2, table: 100002 }),
      '3c000000200005060700000000000000' +
        '020000000000000100000000' +
        '08000600ea030000' +
        '08000a0002000000' +
        '08000f00a2860100' +
        '0500150053000000',
    ],
  ])('%s', (_, request, hex) => {
    expect(encodeMessage({ ...request, flags: request.flags | 4 }, 7).toString('hex')).toBe(hex);
  });

  it('reads no further than a length that lies', () => {
    const message = encodeMessage(setLink(1, true), 1);
    message.writeUInt32LE(4000, 0);
    expect(decodeMessages(message)).toEqual([]);
  });

  it.each(['10.0.0.1', '::1', '::', 'fd00:1::2:3', 'fe80::1:0:0:1', '1:2:3:4:5:6:7:8'])(
    'address %s',
    (address) => {
      expect(addressText(addressBytes(address))).toBe(address);
    },
  );
});

describe.runIf(root)('the kernel', () => {
  let dir = '';
  let here: NetlinkSocket;
  let fd = -1;
  let path = '';

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    path = join(dir, 'a');
    createNamespace(path);
    createNamespace(join(dir, 'b'));
    fd = openNamespace(join(dir, 'b'));
    here = new NetlinkSocket(path, NETLINK_ROUTE);
  });

  afterEach(() => {
    here.close();
    removeNamespace(path);
    removeNamespace(join(dir, 'b'));
    rmSync(dir, { recursive: true, force: true });
  });

  it('takes links, addresses, routes, neighbours, forwarding entries and rules, and gives them back', () => {
    const near = { name: 't-1', index: 10, mac: '02:73:6b:ff:00:01', mtu: 1450, up: true };
    const far = { name: 'eth0', index: 2, mac: '02:42:0a:00:01:05', mtu: 1450, up: false, namespaceFd: fd };
    const vtep = { name: 'vxlan0', index: 3, mac: '02:73:6b:00:00:01', mtu: 1450, up: true };
    const remote = {
      destination: '10.0.1.9/32',
      table: 254,
      type: 'unicast' as const,
      via: '169.254.0.2',
      index: 3,
    };
    const rest = { destination: '10.0.1.0/24', table: 254, type: 'unreachable' as const };
    const back = {
      destination: '0.0.0.0/0',
      table: 100002,
      type: 'unicast' as const,
      via: '169.254.0.2',
      index: 3,
    };
    here.execute([
      setLink(1, true),
      putAddress(1, '10.0.1.1/32'),
      addVeth(near, far),
      addVxlan(vtep, 4097, '127.0.0.1', 4789),
      setProxyDelayZero(10),
      putRoute({ destination: '10.0.1.5/32', table: 254, type: 'unicast', index: 10 }),
      putNeighbour(10, '10.0.1.5', '02:42:0a:00:01:05'),
      putNeighbour(3, '169.254.0.2', '02:73:6b:00:00:02'),
      putForwarding(3, '02:73:6b:00:00:02', '10.99.0.2'),
      putRoute(remote),
      putRoute(rest),
      putRoute(back),
      addRule({ priority: 1002, fwmark: 2, table: 100002 }),
      addRule({ priority: 900, from: '10.0.0.5/32', table: 101 }),
    ]);
    expect(readLinks(here).map((link) => [link.index, link.name, link.kind, link.up])).toEqual([
      [1, 'lo', '', true],
      [3, 'vxlan0', 'vxlan', true],
      [10, 't-1', 'veth', true],
    ]);
    expect(findLink(here, 'vxlan0')).toEqual({
      ...{ index: 3, name: 'vxlan0', kind: 'vxlan', mac: '02:73:6b:00:00:01', mtu: 1450, up: true },
      vxlan: { vni: 4097, local: '127.0.0.1', port: 4789 },
    });
    expect(findLink(here, 'nothing')).toBeUndefined();
    expect(readAddresses(here)).toContainEqual({ index: 1, address: '10.0.1.1/32' });
    expect(readRoutes(here)).toEqual(expect.arrayContaining([remote, rest, back]));
    expect(readNeighbours(here)).toContainEqual({
      index: 3,
      address: '169.254.0.2',
      mac: '02:73:6b:00:00:02',
    });
    expect(readForwarding(here)).toEqual([{ index: 3, address: '10.99.0.2', mac: '02:73:6b:00:00:02' }]);
    expect(readRules(here)).toEqual([
      { priority: 900, from: '10.0.0.5/32', table: 101 },
      { priority: 1002, fwmark: 2, table: 100002 },
    ]);
    expect(
      inNamespace(path, () => readFileSync('/proc/sys/net/ipv4/neigh/t-1/proxy_delay', 'utf8').trim()),
    ).toBe('0');
    here.execute([
      deleteRoute(remote),
      deleteRoute(rest),
      deleteRoute(back),
      deleteRule({ priority: 1002, fwmark: 2, table: 100002 }),
      deleteForwarding(3, '02:73:6b:00:00:02', '10.99.0.2'),
      deleteNeighbour(3, '169.254.0.2'),
      deleteLink(3, 'vxlan0'),
      deleteLink(10, 't-1'),
    ]);
    expect(readLinks(here).map((link) => link.name)).toEqual(['lo']);
    expect([readRoutes(here), readForwarding(here), readNeighbours(here)]).toEqual([[], [], []]);
  });

  it('keeps the underlay of a VXLAN device where its request was sent', () => {
    const outside = new NetlinkSocket(join(dir, 'b'), NETLINK_ROUTE);
    const inside = openNamespace(path);
    const end = {
      name: 'vxlan0',
      index: 2,
      mac: '02:73:6b:00:00:01',
      mtu: 1450,
      up: true,
      namespaceFd: inside,
    };
    outside.execute([addVxlan(end, 4097, '127.0.0.1', 4789)]);
    expect(findLink(here, 'vxlan0')?.up).toBe(true);
    const udp = (at: string): string =>
      inNamespace(at, () => readFileSync('/proc/thread-self/net/udp', 'utf8'));
    expect(findLink(outside, 'vxlan0')).toBeUndefined();
    expect(udp(join(dir, 'b'))).toContain(':12B5');
    expect(udp(path)).not.toContain(':12B5');
    outside.close();
  });

  it('names the failing request of a batch and executes the others', () => {
    expect(() => here.execute([deleteLink(77, 'ghost'), putAddress(1, '10.0.1.1/32')])).toThrow(
      /link ghost removal.*ENODEV/,
    );
    expect(readAddresses(here)).toContainEqual({ index: 1, address: '10.0.1.1/32' });
  });

  it('writes sysctls of the namespace and sees which differ', () => {
    writeSysctls(path, { 'net/ipv4/ip_forward': '1' });
    expect(
      differingSysctls(path, { 'net/ipv4/ip_forward': '1', 'net/ipv4/conf/all/proxy_arp': '1' }),
    ).toEqual({ 'net/ipv4/conf/all/proxy_arp': '1' });
    expect(() => writeSysctls(path, { 'kernel/panic': '1' })).toThrow('sysctl');
    expect(() => writeSysctls(path, { 'net/../kernel/panic': '1' })).toThrow('sysctl');
  });

  it('applies nft rules inside the namespace', async () => {
    await applyNft(systemClock, path, 'table inet skt { chain c { accept; }; }');
    expect(await listNft(systemClock, path, 'skt')).toContain('chain c');
    expect(await listNft(systemClock, homeNamespace(), 'skt')).toBe('');
    await expect(applyNft(systemClock, path, 'nonsense')).rejects.toThrow('syntax error');
  });
});
