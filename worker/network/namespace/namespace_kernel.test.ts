// What counts as somebody else's doing in a network's namespace: not the comings and goings of our own tasks'
// links, which the kernel announces late. Root only.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNamespace, openNamespace, removeNamespace } from '../../kernel/namespace.ts';
import { addVeth } from '../../kernel/rtnetlink.ts';
import { writeSysctls } from '../../kernel/sysctl.ts';
import type { LinkObject } from '../plan/kernel_state.ts';
import { NamespaceKernel } from './namespace_kernel.ts';

const root = process.getuid?.() === 0;

describe.runIf(root)('a namespace and its links', () => {
  const directory = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
  const path = join(directory, 'network');
  const task = join(directory, 'task');
  const link: LinkObject = {
    ...{ type: 'link', name: 't-one', kind: 'task', mac: '02:00:00:00:00:01', mtu: 1450 },
  };
  let kernel: NamespaceKernel;

  beforeAll(() => {
    createNamespace(path);
    createNamespace(task);
    // As on every network without IPv6: else the kernel gives addresses.
    writeSysctls(path, { 'net/ipv6/conf/default/disable_ipv6': '1' });
    kernel = new NamespaceKernel(path);
    kernel.read();
  });

  afterAll(() => {
    kernel.close();
    removeNamespace(path);
    removeNamespace(task);
    rmSync(directory, { recursive: true, force: true });
  });

  function ip(namespace: string, ...args: readonly string[]): string {
    return execFileSync('nsenter', [`--net=${namespace}`, 'ip', ...args], { encoding: 'utf8' });
  }

  async function until(what: string, condition: () => boolean): Promise<void> {
    for (const end = Date.now() + 5_000; !condition(); ) {
      expect(Date.now(), what).toBeLessThan(end);
      await delay(10);
    }
  }

  it('a link that we made gets its carrier: nothing was touched', async () => {
    kernel.apply([{ action: 'put', object: link }], ({ name, mac, mtu }) => {
      const namespaceFd = openNamespace(task);
      const far = { name: 'eth0', index: 0, mac: '02:00:00:00:00:02', mtu, up: false, namespaceFd };
      kernel.socket.execute([addVeth({ name, mac, mtu, index: kernel.claimIndex(name), up: true }, far)]);
      closeSync(namespaceFd);
    });
    expect(kernel.wasTouched()).toBe(false);
    ip(task, 'link', 'set', 'eth0', 'up');
    await until('carrier', () => ip(path, 'link', 'show', 't-one').includes('state UP'));
    expect(kernel.wasTouched()).toBe(false);
  });

  it('somebody changes its MTU, or takes it down', () => {
    ip(path, 'link', 'set', 't-one', 'mtu', '1400');
    expect(kernel.wasTouched()).toBe(true);
    ip(path, 'link', 'set', 't-one', 'mtu', '1450');
    kernel.read();
    expect(kernel.wasTouched()).toBe(false);
    ip(path, 'link', 'set', 't-one', 'down');
    expect(kernel.wasTouched()).toBe(true);
    kernel.read();
  });

  it('its task ends as told: nothing was touched', async () => {
    kernel.expectEnd('t-one');
    ip(task, 'link', 'delete', 'eth0');
    await until('the end of the link', () => !ip(path, 'link', 'show').includes('t-one'));
    expect(kernel.wasTouched()).toBe(false);
  });

  it('somebody adds a link, and removes it', () => {
    ip(path, 'link', 'add', 'odd', 'type', 'veth');
    expect(kernel.wasTouched()).toBe(true);
    kernel.read();
    ip(path, 'link', 'delete', 'odd');
    expect(kernel.wasTouched()).toBe(true);
  });
});
