// /skein/network/check: a call of our own, outside Docker's API. It answers for the node that is asked, worker or
// manager, what its kernel held otherwise than the plan of its networks; the differences are mended by then,
// the problems (no route to a peer and the like) are not.
import type { FastifyInstance } from 'fastify';
import type { Backend } from '../backend.ts';

export function networkCheckRoutes(app: FastifyInstance, backend: Backend): void {
  app.post('/skein/network/check', async () => {
    const reports = await backend.node.checkNetworks();
    return reports.map(({ networkId, name, version, differences, problems }) => ({
      NetworkID: networkId,
      Name: name,
      Version: version,
      Differences: differences,
      Problems: problems,
    }));
  });
}
