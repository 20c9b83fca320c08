// /secrets and /configs: alike but for the data, which only configs give back.
import type { FastifyInstance } from 'fastify';
import type { Backend } from '../backend.ts';
import { readConfigSpec, readSecretSpec, writeConfig, writeSecret } from '../json/secret.ts';
import { body, callContext, parameter, Query } from '../request.ts';

export function secretRoutes(app: FastifyInstance, backend: Backend): void {
  app.get('/secrets', async (request, reply) => {
    const filters = new Query(request).filters();
    return (await backend.node.control().listSecrets({ filters }, callContext(reply))).map(writeSecret);
  });
  app.post('/secrets/create', async (request, reply) => {
    const spec = readSecretSpec(body(request, 'SecretSpec'));
    const secret = await backend.node.control().createSecret({ spec }, callContext(reply));
    return reply.code(201).send({ ID: secret.id });
  });
  app.get('/secrets/:id', async (request, reply) =>
    writeSecret(
      await backend.node.control().getSecret({ ref: parameter(request, 'id') }, callContext(reply)),
    ),
  );
  app.post('/secrets/:id/update', async (request, reply) => {
    const spec = readSecretSpec(body(request, 'SecretSpec'));
    const version = new Query(request).version();
    await backend.node
      .control()
      .updateSecret({ ref: parameter(request, 'id'), version, spec }, callContext(reply));
    return reply.code(200).send();
  });
  app.delete('/secrets/:id', async (request, reply) => {
    await backend.node.control().removeSecret({ ref: parameter(request, 'id') }, callContext(reply));
    return reply.code(204).send();
  });
}

export function configRoutes(app: FastifyInstance, backend: Backend): void {
  app.get('/configs', async (request, reply) => {
    const filters = new Query(request).filters();
    return (await backend.node.control().listConfigs({ filters }, callContext(reply))).map(writeConfig);
  });
  app.post('/configs/create', async (request, reply) => {
    const spec = readConfigSpec(body(request, 'ConfigSpec'));
    const config = await backend.node.control().createConfig({ spec }, callContext(reply));
    return reply.code(201).send({ ID: config.id });
  });
  app.get('/configs/:id', async (request, reply) =>
    writeConfig(
      await backend.node.control().getConfig({ ref: parameter(request, 'id') }, callContext(reply)),
    ),
  );
  app.post('/configs/:id/update', async (request, reply) => {
    const spec = readConfigSpec(body(request, 'ConfigSpec'));
    const version = new Query(request).version();
    await backend.node
      .control()
      .updateConfig({ ref: parameter(request, 'id'), version, spec }, callContext(reply));
    return reply.code(200).send();
  });
  app.delete('/configs/:id', async (request, reply) => {
    await backend.node.control().removeConfig({ ref: parameter(request, 'id') }, callContext(reply));
    return reply.code(204).send();
  });
}
