// Encrypted networks between hosts made of namespaces, with real packets and the kernel's own counters: what is on
// the wire, who is let in, and that changes of keys and peers lose nothing. Root, and a kernel with ESP.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NetworkKey } from '../../../shared/model/network_keys.ts';
import { seededRandom } from '../../../shared/random.ts';
import { homeNamespace } from '../../kernel/namespace.ts';
import { missingForEncryption } from '../encryption/probe.ts';
import { ask, call, callUdp, Fabric, type Host, sh } from './fabric.ts';
import { requestOf, serviceOf, type TestTask, viewOf } from './views.ts';

/** Virtual machines without hardware support are slow; a lost packet is sent again after 1 s, so it shows. */
const CALL_MS = 20_000;
const never = new AbortController().signal;
const NET = 'netsecret001';
const PLAIN = 'netplain0001';
const tasks: readonly TestTask[] = [1, 2, 3].map((host) => ({
  ...{ id: `task${host}0000000`, host, address: `10.5.0.1${host}` },
}));
const keysFrom = seededRandom(3);
const keys: readonly NetworkKey[] = [1, 2, 3, 4].map((epoch) => ({ epoch, secret: keysFrom.bytes(32) }));

/** Why this machine cannot run these tests; empty when it can. */
function hindrance(): string {
  if (process.getuid?.() !== 0) {
    return 'not root';
  }
  return missingForEncryption(homeNamespace()) ?? '';
}

const why = hindrance();

describe.skipIf(why !== '')(
  `three hosts with an encrypted network${why === '' ? '' : ` (skipped: ${why})`}`,
  () => {
    let fabric: Fabric;
    let version = 0;
    let incarnations: Map<string, string>;
    const sandboxes = new Map<string, string>();
    let capture: ChildProcess | undefined;

    /** Tells every host the view, as the managers would: with what each has said of itself. */
    async function show(
      sending: number,
      given: readonly NetworkKey[],
      members: readonly number[] = [1, 2, 3],
    ): Promise<void> {
      version += 1;
      const hosts = fabric.hosts.filter(({ index }) => members.includes(index));
      const base = viewOf(
        hosts,
        NET,
        '10.5.0.0/24',
        [
          serviceOf(
            'web',
            '10.5.0.2',
            tasks.filter(({ host }) => members.includes(host)),
          ),
        ],
        { version, driverOptions: { encrypted: '' }, encryption: { keys: given, sending } },
      );
      const nodes = base.nodes.map((node) => ({ ...node, incarnation: incarnations.get(node.nodeId) ?? '' }));
      await Promise.all(
        hosts.map((host) => applied(host, NET, () => host.plane.setView({ ...base, nodes }))),
      );
    }

    async function showPlain(): Promise<void> {
      version += 1;
      const others = tasks.map((task) => ({ ...task, address: task.address.replace('10.5', '10.6') }));
      const view = viewOf(fabric.hosts, PLAIN, '10.6.0.0/24', [serviceOf('plain', '10.6.0.2', others)], {
        ...{ version, vni: 4098 },
      });
      await Promise.all(fabric.hosts.map((host) => applied(host, PLAIN, () => host.plane.setView(view))));
    }

    function applied(host: Host, networkId: string, act: () => void): Promise<void> {
      const wanted = version;
      return new Promise((resolve) => {
        const off = host.plane.onApplied((id, seen) => {
          if (id === networkId && seen >= wanted) {
            off();
            resolve();
          }
        });
        act();
      });
    }

    function follow(host: Host): void {
      host.plane.onEncryption(({ incarnation }) => incarnations.set(host.name, incarnation));
    }

    async function attachAll(): Promise<void> {
      for (const { id, host, address } of tasks) {
        const networks = [[NET, address] as const, [PLAIN, address.replace('10.5', '10.6')] as const];
        const sandbox = await fabric.host(host).plane.attach(requestOf(id, networks), never);
        sandboxes.set(id, sandbox.netnsPath);
        fabric.serve(sandbox.netnsPath, `host${host}`, 80);
      }
    }

    const sandbox = (index: number) => sandboxes.get(tasks[index - 1]?.id ?? '') ?? '';
    const address = (index: number) => tasks[index - 1]?.address ?? '';
    const stat = (host: number, name: string): number => {
      const lines = sh(fabric.host(host).namespace, 'cat /proc/net/xfrm_stat').split('\n');
      return Number(lines.find((line) => line.startsWith(name))?.split(/\s+/)[1] ?? 0);
    };
    const spis = (host: number): string[] =>
      [...sh(fabric.host(host).namespace, 'ip xfrm state').matchAll(/spi (0x\w+)/g)].map(
        ([, spi]) => spi ?? '',
      );

    /** All that passes the switch, as tcpdump prints it with the bytes, until `stop` has seen its last word. */
    async function listen(): Promise<(last: string) => Promise<string>> {
      const child = spawn(
        'nsenter',
        [
          `--net=${join(fabric.directory, 'fabric')}`,
          'tcpdump',
          '--immediate-mode',
          '-lnAi',
          'br0',
          'udp or proto 50',
        ],
        { stdio: ['ignore', 'pipe', 'pipe'] },
      );
      capture = child;
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      await new Promise((resolve) => child.stderr.once('data', resolve));
      return async (last) => {
        await expect.poll(() => text, { timeout: CALL_MS }).toContain(last);
        const over = new Promise((resolve) => child.once('close', resolve));
        child.kill('SIGINT');
        await over;
        capture = undefined;
        return text;
      };
    }

    beforeEach(async () => {
      fabric = new Fabric(3);
      incarnations = new Map();
      sandboxes.clear();
      await fabric.start();
      fabric.hosts.forEach(follow);
      await show(1, keys.slice(0, 2));
      await showPlain();
      await Promise.all(fabric.hosts.map((host) => host.plane.retainViews(new Set([NET, PLAIN]))));
      await attachAll();
      // The tables follow an attachment; without them a task cannot call itself through the VIP.
      await Promise.all(fabric.hosts.map((host) => host.plane.check()));
    }, 120_000);

    afterEach(async () => {
      capture?.kill('SIGKILL');
      await fabric.destroy();
    }, 120_000);

    it('shows ESP and nothing of what is inside, where a plain network shows all', async () => {
      const stop = await listen();
      fabric.serve(sandbox(2), 'marker-in-secret', 81);
      fabric.serve(sandbox(2), 'marker-in-plain', 82);
      expect(await callUdp(sandbox(1), address(2), 81, CALL_MS)).toMatch(/^marker-in-secret/);
      expect(await callUdp(sandbox(1), address(2).replace('10.5', '10.6'), 82, CALL_MS)).toMatch(
        /^marker-in-plain/,
      );
      const seen = await stop('marker-in-plain');
      expect(seen).toContain('ESP(spi=');
      expect(seen).not.toContain('marker-in-secret');
      expect(seen).not.toMatch(/\.4790/);
    }, 120_000);

    it('tests itself between every two nodes, and says what is wrong', async () => {
      const peersOf = async (host: Host) =>
        (await host.plane.report()).find(({ networkId }) => networkId === NET)?.peers ?? [];
      for (const host of fabric.hosts) {
        const peers = await peersOf(host);
        expect(peers.map(({ nodeId }) => nodeId)).toEqual(
          fabric.hosts.filter((other) => other !== host).map(({ name }) => name),
        );
        for (const peer of peers) {
          expect(peer).toMatchObject({ epoch: 1, roundTripMs: expect.any(Number) });
          expect([peer.problem, peer.sent > 0, peer.received > 0]).toEqual([undefined, true, true]);
        }
      }
      sh(
        fabric.host(2).namespace,
        'nft add table ip test && nft add chain ip test in "{ type filter hook input priority 0; }" && nft add rule ip test in ip protocol esp drop',
      );
      const [second, third] = await peersOf(fabric.host(1));
      expect([second?.problem, third?.problem]).toEqual([
        expect.stringContaining('is IP protocol 50 (ESP) let through'),
        undefined,
      ]);
      sh(
        fabric.host(2).namespace,
        'nft flush chain ip test in && nft add rule ip test in udp dport 4790 drop',
      );
      expect((await peersOf(fabric.host(2)))[0]?.problem).toMatch(/does a firewall refuse UDP/);
    }, 120_000);

    it('carries the largest packet that its MTU allows in one piece', async () => {
      const largest = 1416 - 28;
      expect((await ask(sandbox(1), `ping -c 1 -W 2 -M do -s ${largest} ${address(2)}`)).ok).toBe(true);
      expect((await ask(sandbox(1), `ping -c 1 -W 2 -M do -s ${largest + 1} ${address(2)}`)).ok).toBe(false);
    }, 120_000);

    it('takes no packet in clear text for an encrypted network, and sends none without a key for the peer', async () => {
      const from = fabric.host(3).namespace;
      // A host that is none of the cluster's for this network any more, but knows all its numbers.
      sh(from, 'ip xfrm policy flush');
      const before = stat(2, 'XfrmInTmplMismatch');
      expect((await ask(sandbox(3), `ping -c 1 -W 1 ${address(2)}`)).ok).toBe(false);
      expect(stat(2, 'XfrmInTmplMismatch')).toBeGreaterThan(before);
      expect(await fabric.host(3).plane.check()).toMatchObject({
        host: expect.arrayContaining([expect.stringContaining('put ipsec policy')]),
      });
      expect((await ask(sandbox(3), `ping -c 1 -W 2 ${address(2)}`)).ok).toBe(true);
      version += 1;
      const blocked = stat(3, 'XfrmOutPolBlock');
      fabric.host(3).plane.setView({
        ...viewOf(fabric.hosts, NET, '10.5.0.0/24', [serviceOf('web', '10.5.0.2', tasks)], {
          ...{ version, driverOptions: { encrypted: '' } },
          encryption: { keys: keys.slice(0, 2), sending: 1 },
        }),
      });
      expect((await ask(sandbox(3), `ping -c 1 -W 1 ${address(2)}`)).ok).toBe(false);
      expect(stat(3, 'XfrmOutPolBlock')).toBeGreaterThan(blocked);
    }, 120_000);

    it('goes on to the next key, and the next, while requests run: none fails', async () => {
      let running = true;
      const failures: string[] = [];
      let made = 0;
      const load = (async () => {
        while (running) {
          made += 1;
          const begun = performance.now();
          const answer = await call(sandbox(1), '10.5.0.2', 80, CALL_MS);
          if (!/^host\d /.test(answer)) {
            failures.push(`${made}: ${answer} after ${Math.round(performance.now() - begun)} ms`);
          }
        }
      })();
      const sendsWith = async () =>
        (await ask(fabric.host(1).namespace, 'ip xfrm policy')).output.match(/spi (0x\w+)/)?.[1];
      const more = (count: number) => {
        const goal = made + count;
        return expect.poll(() => made, { timeout: 30_000 }).toBeGreaterThan(goal);
      };
      const first = await sendsWith();
      await more(2);
      await show(2, keys.slice(0, 3));
      const second = await sendsWith();
      await more(2);
      await show(3, keys.slice(1, 4));
      await more(2);
      running = false;
      await load;
      expect(new Set([first, second, await sendsWith()]).size).toBe(3);
      expect([failures, made > 5]).toEqual([[], true]);
      expect(spis(1)).toHaveLength(2 * 2 * 3);
      for (const host of [1, 2, 3]) {
        expect(stat(host, 'XfrmInNoStates') + stat(host, 'XfrmInStateSeqError')).toBe(0);
      }
    }, 120_000);

    it('goes on with the same associations after a restart of the daemon', async () => {
      const host = fabric.host(2);
      const before = spis(2);
      await host.plane.stop();
      expect(await call(sandbox(1), address(2), 80, CALL_MS)).toBe('host2 10.5.0.11');
      host.plane = fabric.makePlane(host.namespace, host.execRoot);
      await host.plane.start();
      host.plane.setIdentity({
        nodeId: 'h2',
        overlayIndex: 2,
        vtepAddress: host.address,
        dataPathPort: 4789,
      });
      follow(host);
      await show(1, keys.slice(0, 2));
      await showPlain();
      await host.plane.retainViews(new Set([NET, PLAIN]));
      expect(spis(2).sort()).toEqual(before.sort());
      expect(await call(sandbox(1), address(2), 80, CALL_MS)).toBe('host2 10.5.0.11');
      expect(await host.plane.check()).toEqual({});
    }, 120_000);

    it('begins anew, and others with it, when associations are lost', async () => {
      const before = incarnations.get('h2');
      sh(fabric.host(2).namespace, 'ip xfrm state flush');
      await fabric.host(2).plane.check();
      expect(incarnations.get('h2')).not.toBe(before);
      await show(1, keys.slice(0, 2));
      expect(await call(sandbox(1), address(2), 80, CALL_MS)).toBe('host2 10.5.0.11');
      expect(await call(sandbox(2), address(3), 80, CALL_MS)).toBe('host3 10.5.0.12');
      expect(await fabric.host(1).plane.check()).toEqual({});
    }, 120_000);

    it('lets a node leave and come back without a word of the others lost', async () => {
      const before = spis(1);
      await show(1, keys.slice(0, 2), [1, 2]);
      expect(spis(1).sort()).toEqual(before.sort());
      expect(await call(sandbox(1), address(2), 80, CALL_MS)).toBe('host2 10.5.0.11');
      await show(1, keys.slice(0, 2));
      expect(incarnations.get('h1')).toBeDefined();
      expect(await call(sandbox(1), address(3), 80, CALL_MS)).toBe('host3 10.5.0.11');
    }, 120_000);

    it('leaves nothing in the kernel of a host that has none any more', async () => {
      fabric.host(3).plane.removeView(NET);
      await fabric.host(3).plane.detach(tasks[2]?.id ?? '');
      await expect.poll(() => sh(fabric.host(3).namespace, 'ip xfrm state; ip xfrm policy')).toBe('');
    }, 120_000);
  },
);
