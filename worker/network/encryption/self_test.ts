// The self-test of an encrypted network: an echo from inside it to every other node, with the kernel's own counters
// of both directions beside it. So it shows that packets arrive, and that they went encrypted.
import type { Clock } from '../../../shared/clock.ts';
import type { Id } from '../../../shared/model/meta.ts';
import type { NetworkView } from '../../../shared/model/view.ts';
import { Echo } from '../../kernel/echo.ts';
import type { XfrmStateReport } from '../../kernel/xfrm_read.ts';
import type { PeerReport } from '../api.ts';
import { innerAddress } from '../plan/addressing.ts';
import type { Encryption } from './encryption.ts';
import type { EncryptionInput, Node } from './plan.ts';

/** Sent so often, for one may be lost on a bad link; the last is waited for as long as the others. */
const TRIES = 3;
const TRY_MS = 300;
/** Between two looks whether an answer is there. */
const LOOK_MS = 5;
const IDENTIFIER_BASE = 0x5300;

export interface SelfTestDependencies {
  readonly clock: Clock;
  readonly encryption: Pick<Encryption, 'input' | 'states'>;
}

/** How the encrypted ones among the networks reach their other nodes. */
export async function testNetworks(
  dependencies: SelfTestDependencies,
  networks: readonly {
    readonly networkId: Id;
    readonly view: NetworkView | undefined;
    /** Of its namespace. */
    readonly path: string;
    readonly isApplied: boolean;
  }[],
): Promise<ReadonlyMap<Id, readonly PeerReport[]>> {
  const reports = new Map<Id, readonly PeerReport[]>();
  for (const { networkId, view, path, isApplied } of networks) {
    if (view?.encryption !== undefined && isApplied) {
      reports.set(networkId, await testPeers(dependencies, view, path));
    }
  }
  return reports;
}

async function testPeers(
  { clock, encryption }: SelfTestDependencies,
  view: NetworkView,
  path: string,
): Promise<readonly PeerReport[]> {
  const input = encryption.input();
  const others = view.nodes.filter(({ nodeId }) => nodeId !== input?.self.nodeId);
  const before = encryption.states();
  const trips = await Promise.all(
    others.map((peer, index) =>
      roundTrip(clock, path, innerAddress(peer.overlayIndex), IDENTIFIER_BASE + index),
    ),
  );
  const after = encryption.states();
  return others.map((peer, index): PeerReport => {
    const planned = input?.peers.find(({ nodeId }) => nodeId === peer.nodeId);
    const sent = carried(after, input, planned, 'out') - carried(before, input, planned, 'out');
    const received = carried(after, input, planned, 'in') - carried(before, input, planned, 'in');
    const roundTripMs = trips[index];
    const problem = problemOf(planned !== undefined, roundTripMs !== undefined, sent, received);
    return {
      nodeId: peer.nodeId,
      address: peer.vtepAddress,
      epoch: planned === undefined ? 0 : (input?.sending ?? 0),
      sent,
      received,
      ...(roundTripMs === undefined ? {} : { roundTripMs }),
      ...(problem === undefined ? {} : { problem }),
    };
  });
}

/** Milliseconds until an answer came; undefined when none did. */
async function roundTrip(
  clock: Clock,
  path: string,
  address: string,
  identifier: number,
): Promise<number | undefined> {
  let echo: Echo | undefined;
  try {
    echo = new Echo(path, address, identifier);
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const start = clock.monotonic();
      echo.send(attempt);
      while (clock.monotonic() - start < TRY_MS) {
        if (echo.hasAnswer()) {
          return clock.monotonic() - start;
        }
        await clock.sleep(LOOK_MS);
      }
    }
    return undefined;
  } finally {
    echo?.close();
  }
}

function carried(
  states: readonly XfrmStateReport[],
  input: EncryptionInput | undefined,
  peer: Node | undefined,
  direction: 'in' | 'out',
): number {
  if (input === undefined || peer === undefined) {
    return 0;
  }
  const [from, to] = direction === 'out' ? [input.self, peer] : [peer, input.self];
  return states
    .filter(({ src, dst }) => src === from.address && dst === to.address)
    .reduce((sum, { packets }) => sum + packets, 0);
}

/** What an operator should look at; undefined when all is well. */
export function problemOf(
  hasKeys: boolean,
  isAnswered: boolean,
  sent: number,
  received: number,
): string | undefined {
  if (!hasKeys) {
    return 'the node has not said that it can encrypt: see its "skein info" for what its kernel lacks';
  }
  if (isAnswered) {
    return sent > 0 && received > 0 ? undefined : 'answers came, but not through the security associations';
  }
  if (sent === 0) {
    return 'nothing was sent: the kernel found no way to the node';
  }
  return received === 0
    ? 'sent, and nothing came back: is IP protocol 50 (ESP) let through between the nodes?'
    : 'answers came back encrypted and were dropped then: does a firewall refuse UDP to the port after --data-path-port?';
}
