// How a network's tunnel takes packets in, set and compared in a namespace of its own. Root only.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createNamespace, removeNamespace } from '../../kernel/namespace.ts';
import { sh } from '../test/fabric.ts';
import { keepTunnelMerging, mendSettings } from './namespace_settings.ts';

const root = process.getuid?.() === 0;

describe.runIf(root)('the tunnel of a network', () => {
  let directory = '';
  let path = '';

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    path = join(directory, 'a');
    createNamespace(path);
    sh(path, 'ip link add vxlan0 type vxlan id 77 dstport 4789 local 127.0.0.1');
  });

  afterEach(() => {
    removeNamespace(path);
    rmSync(directory, { recursive: true, force: true });
  });

  const merging = (): string => sh(path, 'ethtool -k vxlan0 | grep generic-receive-offload').trim();

  it('merges what it receives where it is encrypted, and nowhere else', () => {
    expect(keepTunnelMerging(path, true)).toEqual([]);
    expect(merging()).toBe('generic-receive-offload: on');
    expect(keepTunnelMerging(path, false)).toEqual(['set feature rx-gro off dev vxlan0']);
    expect(merging()).toBe('generic-receive-offload: off');
    expect(keepTunnelMerging(path, false)).toEqual([]);
    expect(keepTunnelMerging(path, true)).toEqual(['set feature rx-gro on dev vxlan0']);
    expect(merging()).toBe('generic-receive-offload: on');
  });

  it('is mended with the kernel parameters, and need not be there', () => {
    sh(path, 'echo 0 > /proc/sys/net/ipv4/ip_forward');
    const wanted = { 'net/ipv4/ip_forward': '1' };
    expect(mendSettings(path, wanted, false)).toEqual([
      'set sysctl net/ipv4/ip_forward',
      'set feature rx-gro off dev vxlan0',
    ]);
    expect(mendSettings(path, wanted, false)).toEqual([]);
    sh(path, 'ip link del vxlan0');
    expect(mendSettings(path, wanted, false)).toEqual([]);
  });
});
