// Calls of our own, outside Docker's API. /skein/network/check answers for the node that is asked, worker or manager:
// what its kernel held otherwise than the plan of its networks (mended by then), problems (no route to a peer and
// the like, which are not), and how it reaches its peers on encrypted networks; /skein/network/rotate-keys asks the
// managers for the next key of those.
import type { FastifyInstance } from 'fastify';
import type { PeerReport } from '../../../worker/network/api.ts';
import type { Backend } from '../backend.ts';
import { callContext } from '../request.ts';

export function networkCheckRoutes(app: FastifyInstance, backend: Backend): void {
  app.post('/skein/network/check', async () => {
    const reports = await backend.node.checkNetworks();
    return reports.map(({ networkId, name, version, differences, problems, peers }) => ({
      NetworkID: networkId,
      Name: name,
      Version: version,
      Differences: differences,
      Problems: problems,
      ...(peers === undefined ? {} : { Peers: peers.map(writePeer) }),
    }));
  });
  app.post('/skein/network/rotate-keys', async (_request, reply) => {
    await backend.node.control().rotateNetworkKeys(callContext(reply));
    return reply.code(204).send();
  });
}

function writePeer(peer: PeerReport): object {
  return {
    NodeID: peer.nodeId,
    Address: peer.address,
    KeyEpoch: peer.epoch,
    Sent: peer.sent,
    Received: peer.received,
    RoundTripMs: peer.roundTripMs ?? null,
    Problem: peer.problem ?? '',
  };
}
