// Who calls is what the replica sees, as test cases for any swarm: through the mesh and by host-mode ports, by TCP
// and UDP, IPv4 and IPv6, whatever node runs the replica. The cluster is the caller's, and so is the choice of who
// calls.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AddressServer, type Call, callAll } from './callers.ts';
import type { Cluster } from './cluster.ts';
import { eventually } from './eventually.ts';
import { address6Of, addressOf, clientAddress, type Host } from './lab.ts';
import { service } from './services.ts';

const MESH = 8078;
const DIRECT = 8079;
const TARGET = 90;
/** To each host at a time: enough to meet every replica of two or three. */
const CALLS = 4;

type Caller = 'client' | Host;
type Protocol = Call['protocol'];
type Family = 4 | 6;

const kinds = (['tcp', 'udp'] as const).flatMap((protocol) =>
  ([4, 6] as const).map((family) => ({ protocol, family })),
);

function target(host: Caller, family: Family): string {
  if (family === 6) {
    return address6Of(host);
  }
  return host === 'client' ? clientAddress : addressOf(host);
}

function calls(host: Host, family: Family, protocol: Protocol, port: number, count = CALLS): Call[] {
  return Array.from({ length: count }, () => ({ protocol, address: target(host, family), port }));
}

function endpoint(PublishedPort: number, PublishMode: 'ingress' | 'host') {
  const ports = ['tcp', 'udp'].map((Protocol) => ({
    ...{ Protocol, TargetPort: TARGET, PublishedPort, PublishMode },
  }));
  return { Ports: ports };
}

/** @param callers on every one of which all kinds of calls begin */
export function clientAddressCases(cluster: Cluster, callers: readonly Caller[]): void {
  const servers: AddressServer[] = [];

  beforeAll(async () => {
    for (const [name, port, mode] of [
      ['mesh', MESH, 'ingress'],
      ['direct', DIRECT, 'host'],
    ] as const) {
      await cluster.on('h1').createService(service(name, { global: true, endpoint: endpoint(port, mode) }));
      servers.push(...(await serve(cluster, name)));
    }
  });

  afterAll(async () => {
    await Promise.all(servers.map((server) => server.end()));
    await cluster.remove('mesh', 'direct');
  });

  describe.each(callers.map((from) => ({ from })))('called by $from', ({ from }) => {
    test.each(kinds)('through the mesh by $protocol and IPv$family', async ({ protocol, family }) => {
      const address = target(from, family);
      for (const via of cluster.hosts) {
        await eventually(`every replica through ${via} sees ${address}`, 10_000, async () => {
          const answers = await callAll(from, calls(via, family, protocol, MESH));
          const seen = [...new Set(answers)].toSorted();
          expect(seen).toEqual(cluster.hosts.map((host) => `mesh-${host} ${address}`));
          return true;
        });
      }
    });

    test.each(kinds)('by a port of the host, $protocol and IPv$family', async ({ protocol, family }) => {
      for (const via of cluster.hosts) {
        const answers = await callAll(from, calls(via, family, protocol, DIRECT, 1));
        expect(answers).toEqual([`direct-${via} ${target(from, family)}`]);
      }
    });
  });

  test('a host asks itself by localhost and gets an answer, or a refusal at once', async () => {
    for (const host of cluster.hosts) {
      const [four, six] = await callAll(host, [
        { protocol: 'tcp', address: '127.0.0.1', port: MESH },
        { protocol: 'tcp', address: '::1', port: MESH },
      ]);
      expect(four).toMatch(/^mesh-/);
      expect(six).toMatch(/^mesh-|ECONNREFUSED/);
    }
  });
}

/** A server beside the image's own, in the network of every task. */
async function serve(cluster: Cluster, name: string): Promise<readonly AddressServer[]> {
  const tasks = await cluster.whole(name, cluster.hosts.length);
  return Promise.all(
    tasks.map(async (task) => {
      const host = await cluster.hostOf(task);
      return AddressServer.start(host, task.ID, `${name}-${host}`, TARGET);
    }),
  );
}
