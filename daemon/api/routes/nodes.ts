// /nodes
import type { FastifyInstance } from 'fastify';
import type { Backend } from '../backend.ts';
import { readNodeSpec, writeNode } from '../json/node.ts';
import { body, callContext, parameter, Query } from '../request.ts';

export function nodeRoutes(app: FastifyInstance, backend: Backend): void {
  app.get('/nodes', async (request, reply) => {
    const nodes = await backend.node
      .control()
      .listNodes({ filters: new Query(request).filters() }, callContext(reply));
    return nodes.map(writeNode);
  });

  app.get('/nodes/:id', async (request, reply) =>
    writeNode(await backend.node.control().getNode({ ref: parameter(request, 'id') }, callContext(reply))),
  );

  app.post('/nodes/:id/update', async (request, reply) => {
    const spec = readNodeSpec(body(request, 'NodeSpec'));
    const version = new Query(request).version();
    await backend.node
      .control()
      .updateNode({ ref: parameter(request, 'id'), version, spec }, callContext(reply));
    return reply.code(200).send();
  });

  app.delete('/nodes/:id', async (request, reply) => {
    const force = new Query(request).boolean('force');
    await backend.node.control().removeNode({ ref: parameter(request, 'id'), force }, callContext(reply));
    return reply.code(200).send();
  });
}
