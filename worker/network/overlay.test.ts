// Hosts made of namespaces, real packets: tasks reach each other over VXLAN, through VIPs and through the
// mesh from outside, with the caller's address kept. Root only.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Fabric, type TestTask, ask, requestOf, serviceOf, sh, viewOf } from './test/fabric.ts';

const root = process.getuid?.() === 0;
const never = new AbortController().signal;
/** Says which task answers and who asked. */
const WHO = (id: string, port: number): string =>
  `exec busybox nc -lk -p ${port} -e sh -c 'echo ${id} $NCAT_REMOTE_ADDR; sleep 0.05'`;

async function eventually<T>(probe: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + 5000;
  while (true) {
    const value = await probe();
    if (good(value) || Date.now() > deadline) {
      return value;
    }
  }
}

describe.runIf(root)('an overlay of three hosts', () => {
  let fabric: Fabric;
  const a: TestTask = { id: 'taska0000001', host: 1, address: '10.5.0.11' };
  const b: TestTask = { id: 'taskb0000002', host: 2, address: '10.5.0.12' };
  const c: TestTask = { id: 'taskc0000003', host: 3, address: '10.5.0.13' };
  const paths: Record<string, string> = {};

  beforeAll(async () => {
    fabric = new Fabric(3);
    await fabric.start();
    const view = viewOf(fabric.hosts, 'neta00000001', '10.5.0.0/24', [serviceOf('web', '10.5.0.2', [a, b, c])]);
    for (const host of fabric.hosts) {
      host.plane.setView(view);
    }
    for (const task of [a, b, c]) {
      const sandbox = await fabric
        .host(task.host)
        .plane.attach(requestOf(task.id, [['neta00000001', task.address]]), never);
      paths[task.id] = sandbox.netnsPath;
      fabric.serve(sandbox.netnsPath, WHO(task.id, 80));
    }
  });

  afterAll(async () => {
    await fabric.destroy();
    const left = readdirSync('/proc/self/fd').length;
    expect(left).toBeGreaterThan(0);
  });

  it('lets tasks on different hosts reach each other', async () => {
    const answer = await ask(paths[a.id] ?? '', `busybox ping -c1 -W2 ${b.address}`);
    expect(answer.output).toContain('1 packets received');
  });

  it('answers ARP for the gateway, and ping of gateway and VIP', async () => {
    expect((await ask(paths[a.id] ?? '', 'busybox ping -c1 -W2 10.5.0.1')).ok).toBe(true);
    expect((await ask(paths[a.id] ?? '', 'busybox ping -c1 -W2 10.5.0.2')).ok).toBe(true);
  });

  it('spreads connections to the VIP over all replicas, itself included', async () => {
    const seen = new Set<string>();
    for (let turn = 0; turn < 6; turn += 1) {
      const { output } = await eventually(
        () => ask(paths[a.id] ?? '', 'busybox nc -w2 10.5.0.2 80 </dev/null'),
        ({ output }) => output.includes('task'),
      );
      seen.add(output.trim().split(' ')[0] ?? '');
    }
    expect([...seen].sort()).toEqual([a.id, b.id, c.id]);
  });

  it('lets tasks out through the host with its address', async () => {
    const answer = await ask(paths[a.id] ?? '', 'busybox ping -c1 -W2 10.77.0.250');
    expect(answer.output).toContain('1 packets received');
  });

  it('answers names', async () => {
    const { output } = await ask(paths[b.id] ?? '', 'busybox nslookup web 127.0.0.11');
    expect(output).toContain('10.5.0.2');
    expect(sh(paths[b.id] ?? '', 'ip -br addr')).toContain('10.5.0.12/24');
  });
});

afterEach(() => {
  void join;
});
