// /swarm: making, joining, leaving and changing the cluster.
import type { FastifyInstance } from 'fastify';
import type { Backend } from '../backend.ts';
import { readClusterSpec, readInitRequest, readJoinRequest, writeCluster } from '../json/swarm.ts';
import { body, callContext, Query } from '../request.ts';

export function swarmRoutes(app: FastifyInstance, backend: Backend): void {
  app.post('/swarm/init', async (request, reply) => {
    const nodeId = await backend.node.init(readInitRequest(body(request, 'InitRequest')));
    // A bare JSON string: fastify would send a string as text.
    return reply.type('application/json').send(JSON.stringify(nodeId));
  });

  app.post('/swarm/join', async (request, reply) => {
    await backend.node.join(readJoinRequest(body(request, 'JoinRequest')));
    return reply.code(200).send();
  });

  app.post('/swarm/leave', async (request, reply) => {
    await backend.node.leave({ force: new Query(request).boolean('force') });
    return reply.code(200).send();
  });

  app.get('/swarm', async (_request, reply) =>
    writeCluster(await backend.node.control().getCluster(callContext(reply))),
  );

  app.post('/swarm/update', async (request, reply) => {
    const query = new Query(request);
    const context = callContext(reply);
    const control = backend.node.control();
    const present = await control.getCluster(context);
    const spec = readClusterSpec(body(request, 'SwarmSpec'), present.spec);
    await control.updateCluster(
      {
        version: query.version(),
        spec,
        rotateWorkerToken: query.boolean('rotateWorkerToken'),
        rotateManagerToken: query.boolean('rotateManagerToken'),
        rotateUnlockKey: query.boolean('rotateManagerUnlockKey'),
      },
      context,
    );
    return reply.code(200).send();
  });

  app.get('/swarm/unlockkey', async (_request, reply) => {
    const { unlockKey } = await backend.node.control().getUnlockKey(callContext(reply));
    return { UnlockKey: unlockKey };
  });
  app.post('/swarm/unlock', async (request, reply) => {
    await backend.node.unlock(body(request, 'UnlockRequest').string('UnlockKey'));
    return reply.code(200).send();
  });
}
