// IPsec requests beside what the kernel makes of them: put into a fresh namespace, read back, removed. Associations
// need a kernel with ESP, policies do not.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNamespace, removeNamespace } from './namespace.ts';
import { encodeMessage } from './netlink_message.ts';
import { NETLINK_XFRM, NetlinkSocket } from './netlink_socket.ts';
import { addState, deletePolicy, deleteState, putPolicy, type XfrmPolicy, type XfrmState } from './xfrm.ts';
import { readPolicies, readStates } from './xfrm_read.ts';

const state: XfrmState = {
  ...{ src: '10.0.0.1', dst: '10.0.0.2', spi: 0x80000001, reqid: 77, port: 4790, replayWindow: 1024 },
  ...{ algorithm: 'rfc4106(gcm(aes))', key: '000102030405060708090a0b0c0d0e0f10111213', tagBits: 128 },
};
const selector = { src: '10.0.0.1/32', dst: '10.0.0.2/32', port: 4790 };
const template = { src: '10.0.0.1', dst: '10.0.0.2', spi: 0x80000001, reqid: 77 };
const policies: readonly XfrmPolicy[] = [
  { dir: 'out', selector, priority: 5, template },
  { dir: 'out', selector: { ...selector, dst: '0.0.0.0/0' }, priority: 6 },
  {
    dir: 'in',
    selector: { src: '0.0.0.0/0', dst: '0.0.0.0/0', port: 4790 },
    priority: 5,
    template: { src: '0.0.0.0', dst: '0.0.0.0', spi: 0, reqid: 77 },
  },
  {
    dir: 'out',
    selector: { src: 'fd00::1/128', dst: 'fd00::2/128', port: 4790 },
    priority: 5,
    template: { src: 'fd00::1', dst: 'fd00::2', spi: 0x80000001, reqid: 77 },
  },
  { dir: 'out', selector: { src: 'fd00::1/128', dst: '::/0', port: 4790 }, priority: 6 },
  {
    dir: 'in',
    selector: { src: '::/0', dst: '::/0', port: 4790 },
    priority: 5,
    template: { src: '::', dst: '::', spi: 0, reqid: 77 },
  },
];

it('an association is as long as the kernel wants it, with its key where the kernel looks', () => {
  const bytes = encodeMessage(addState(state), 1);
  // Header, xfrm_usersa_info, algorithm (64 + 8 + 20) and replay state (24 + 32 words' bits) with their headers.
  expect(bytes.length).toBe(16 + 224 + (4 + 92) + (4 + 24 + 128));
  expect(bytes.toString('hex', 16 + 224, 16 + 224 + 4)).toBe('60001200');
  expect(bytes.toString('ascii', 244, 244 + 17)).toBe('rfc4106(gcm(aes))');
  expect(bytes.toString('hex', 244 + 64, 244 + 64 + 8 + 20)).toBe(`a000000080000000${state.key}`);
});

it('errors never name the key', () => {
  expect(addState(state).label).not.toContain(state.key);
});

describe.runIf(process.getuid?.() === 0)('in a namespace', () => {
  let directory: string;
  let path: string;
  let socket: NetlinkSocket;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    path = join(directory, 'ns');
    createNamespace(path);
    socket = new NetlinkSocket(path, NETLINK_XFRM);
  });
  afterEach(() => {
    socket.close();
    removeNamespace(path);
    rmSync(directory, { recursive: true, force: true });
  });

  it('policies come back as they were put', () => {
    socket.execute(policies.map(putPolicy));
    const byPriority = (one: XfrmPolicy, other: XfrmPolicy) =>
      JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
    expect(readPolicies(socket).sort(byPriority)).toEqual([...policies].sort(byPriority));
  });

  it('a policy is replaced in place', () => {
    const [first] = policies;
    const next = { ...(first as XfrmPolicy), template: { ...template, spi: 0x80000002 } };
    socket.execute([putPolicy(first as XfrmPolicy), putPolicy(next)]);
    expect(readPolicies(socket)).toEqual([next]);
  });

  it('a policy is removed by direction and selector', () => {
    socket.execute(policies.map(putPolicy));
    socket.execute(policies.map(deletePolicy));
    expect(readPolicies(socket)).toEqual([]);
  });

  it('an association comes back as it was put, with nothing counted, or the kernel says what it lacks', () => {
    const [outcome] = socket.attempt([addState(state)]);
    if (outcome?.errno !== 0) {
      expect(outcome?.reason).toMatch(/not found|not supported|algorithm|type/i);
      return;
    }
    expect(readStates(socket)).toEqual([{ ...state, bytes: 0, packets: 0, replays: 0, forged: 0 }]);
    expect(socket.attempt([addState(state)])[0]?.errno).not.toBe(0);
    socket.execute([deleteState(state)]);
    expect(readStates(socket)).toEqual([]);
    const six = { ...state, src: 'fd00::1', dst: 'fd00::2' };
    socket.execute([addState(six)]);
    expect(readStates(socket)).toEqual([{ ...six, bytes: 0, packets: 0, replays: 0, forged: 0 }]);
  });
});
