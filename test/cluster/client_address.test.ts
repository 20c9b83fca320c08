// Who calls is what the replica sees: through the mesh and by host-mode ports, by TCP and UDP, IPv4 and IPv6,
// from outside and from every node, whatever node runs the replica.
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AddressServer, type Call, callAll } from './support/callers.ts';
import { useCluster } from './support/cluster.ts';
import { eventually } from './support/eventually.ts';
import {
  address6Of,
  addressOf,
  clientAddress,
  type Host,
  namespaceOf,
  runDirectoryOf,
} from './support/lab.ts';
import { service } from './support/services.ts';

const MESH = 8078;
const DIRECT = 8079;
const TARGET = 90;
/** Of each kind: enough to meet every replica. */
const CALLS = 4;

const cluster = useCluster({ managers: 1, workers: 1 });
const servers: AddressServer[] = [];

function endpoint(PublishedPort: number, PublishMode: 'ingress' | 'host') {
  const ports = ['tcp', 'udp'].map((Protocol) => ({
    ...{ Protocol, TargetPort: TARGET, PublishedPort, PublishMode },
  }));
  return { Ports: ports };
}

/** A server beside the image's own, in the network of every task. */
async function serve(name: string): Promise<void> {
  for (const task of await cluster.whole(name, cluster.hosts.length)) {
    const host = await cluster.hostOf(task);
    servers.push(new AddressServer(join(runDirectoryOf(host), 'netns', task.ID), `${name}-${host}`, TARGET));
  }
  await Promise.all(servers.map((server) => server.whenReady()));
}

beforeAll(async () => {
  for (const [name, port, mode] of [
    ['mesh', MESH, 'ingress'],
    ['direct', DIRECT, 'host'],
  ] as const) {
    await cluster.on('h1').createService(service(name, { global: true, endpoint: endpoint(port, mode) }));
    await serve(name);
  }
});

afterAll(() => {
  for (const server of servers) {
    server.end();
  }
});

const kinds = (['tcp', 'udp'] as const).flatMap((protocol) =>
  ([4, 6] as const).map((family) => ({ protocol, family })),
);
const target = (host: Host, family: 4 | 6): string => (family === 4 ? addressOf(host) : address6Of(host));
const callers = [
  { from: 'client', 4: clientAddress, 6: address6Of('client') } as const,
  ...(['h1', 'h2'] as const).map((from) => ({ from, 4: addressOf(from), 6: address6Of(from) })),
];

function calls(host: Host, family: 4 | 6, protocol: 'tcp' | 'udp', port: number): Call[] {
  return Array.from({ length: CALLS }, () => ({ protocol, address: target(host, family), port }));
}

describe.each(callers)('called by $from', (caller) => {
  test.each(kinds)('through the mesh by $protocol and IPv$family', async ({ protocol, family }) => {
    for (const via of cluster.hosts) {
      await eventually(`every replica through ${via} sees ${caller[family]}`, 10_000, async () => {
        const answers = await callAll(namespaceOf(caller.from), calls(via, family, protocol, MESH));
        const seen = [...new Set(answers)].toSorted();
        expect(seen).toEqual(cluster.hosts.map((host) => `mesh-${host} ${caller[family]}`));
        return true;
      });
    }
  });

  test.each(kinds)('by a port of the host, $protocol and IPv$family', async ({ protocol, family }) => {
    for (const via of cluster.hosts) {
      const answers = await callAll(
        namespaceOf(caller.from),
        calls(via, family, protocol, DIRECT).slice(0, 1),
      );
      expect(answers).toEqual([`direct-${via} ${caller[family]}`]);
    }
  });
});

test('a host asks itself by localhost and gets an answer, or a refusal at once', async () => {
  for (const host of cluster.hosts) {
    const [four, six] = await callAll(namespaceOf(host), [
      { protocol: 'tcp', address: '127.0.0.1', port: MESH },
      { protocol: 'tcp', address: '::1', port: MESH },
    ]);
    expect(four).toMatch(/^mesh-/);
    expect(six).toMatch(/^mesh-|ECONNREFUSED/);
  }
});
