// /services and /tasks, without their logs.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Random } from '../../../shared/random.ts';
import { SkeinError } from '../../../shared/errors.ts';
import type { Service, ServiceSpec } from '../../../shared/model/service.ts';
import type { Task } from '../../../shared/model/task.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import type { Backend } from '../backend.ts';
import { readServiceSpec, writeService } from '../json/service.ts';
import { writeTask } from '../json/task.ts';
import { randomName } from '../random_name.ts';
import { parseRegistryAuth } from '../../../worker/image/registry_auth.ts';
import { registryAuthHeader } from '../registry_auth.ts';
import { body, callContext, parameter, Query } from '../request.ts';

/** Random names tried for one service: of ten thousand names this many are hardly all taken. */
const NAME_ATTEMPTS = 5;

export function serviceRoutes(
  app: FastifyInstance,
  backend: Backend,
  { random }: { readonly random: Random },
): void {
  app.get('/services', async (request, reply) => {
    const query = new Query(request);
    const listed = await backend.node
      .control()
      .listServices({ filters: query.filters(), status: query.boolean('status') }, callContext(reply));
    return listed.map(({ service, status }) => writeService(service, status));
  });

  app.post('/services/create', async (request, reply) => {
    const spec = withRegistryAuth(readServiceSpec(body(request, 'ServiceSpec')), request);
    const { service, warnings } = await create(backend, spec, random, callContext(reply));
    return reply.code(201).send({ ID: service.id, ...(warnings.length > 0 && { Warnings: warnings }) });
  });

  app.get('/services/:id', async (request, reply) => {
    const insertDefaults = new Query(request).boolean('insertDefaults');
    const ref = parameter(request, 'id');
    return writeService(await backend.node.control().getService({ ref, insertDefaults }, callContext(reply)));
  });

  app.post('/services/:id/update', async (request, reply) => {
    const query = new Query(request);
    const context = callContext(reply);
    const ref = parameter(request, 'id');
    const rollback = query.string('rollback');
    if (rollback !== '' && rollback !== 'previous') {
      throw new SkeinError('invalid', 'bad-rollback', `unrecognized rollback option ${rollback}`);
    }
    const control = backend.node.control();
    const version = query.version();
    const sent = readServiceSpec(body(request, 'ServiceSpec'));
    const spec =
      registryAuthHeader(request) === undefined
        ? await keepRegistryAuth(sent, ref, query.string('registryAuthFrom'), backend, context)
        : withRegistryAuth(sent, request);
    const { warnings } = await control.updateService(
      { ref, version, spec, rollback: rollback === 'previous' ? 'previous' : 'none' },
      context,
    );
    return { Warnings: warnings.length > 0 ? warnings : null };
  });

  app.delete('/services/:id', async (request, reply) => {
    await backend.node.control().removeService({ ref: parameter(request, 'id') }, callContext(reply));
    return reply.code(200).send();
  });

  app.get('/tasks', async (request, reply) => {
    const context = callContext(reply);
    const tasks = await backend.node.control().listTasks({ filters: new Query(request).filters() }, context);
    return writeTasks(tasks, backend, context);
  });

  app.get('/tasks/:id', async (request, reply) => {
    const context = callContext(reply);
    const task = await backend.node.control().getTask({ ref: parameter(request, 'id') }, context);
    const [written] = await writeTasks([task], backend, context);
    return written;
  });
}

/** A service without a name gets one; names that happen to be taken are tried anew. */
async function create(
  backend: Backend,
  spec: ServiceSpec,
  random: Random,
  context: CallContext,
): Promise<{ readonly service: Service; readonly warnings: readonly string[] }> {
  const control = backend.node.control();
  if (spec.name !== '') {
    return control.createService({ spec }, context);
  }
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await control.createService({ spec: { ...spec, name: randomName(random, attempt) } }, context);
    } catch (error) {
      const taken = error instanceof SkeinError && error.kind === 'already-exists';
      if (!taken || attempt + 1 >= NAME_ATTEMPTS) {
        throw error;
      }
    }
  }
}

async function writeTasks(
  tasks: readonly Task[],
  backend: Backend,
  context: CallContext,
): Promise<unknown[]> {
  const attached = tasks.some((task) => task.networks.length > 0);
  const networks = attached ? await backend.node.control().listNetworks({ filters: {} }, context) : [];
  const byId = new Map(networks.map((network) => [network.id, network]));
  return tasks.map((task) => writeTask(task, byId));
}

/** The client's credentials travel in a header; the nodes need them to pull. */
function withRegistryAuth(spec: ServiceSpec, request: FastifyRequest): ServiceSpec {
  const header = registryAuthHeader(request);
  return header === undefined || parseRegistryAuth(header) === undefined ? spec : withAuth(spec, header);
}

function withAuth(spec: ServiceSpec, registryAuth: string): ServiceSpec {
  return { ...spec, task: { ...spec.task, container: { ...spec.task.container, registryAuth } } };
}

/** An update without credentials keeps those of the present spec, or of the one before it. */
async function keepRegistryAuth(
  spec: ServiceSpec,
  ref: string,
  from: string,
  backend: Backend,
  context: CallContext,
): Promise<ServiceSpec> {
  const service = await backend.node.control().getService({ ref, insertDefaults: false }, context);
  const source = from === 'previous-spec' ? service.previousSpec : service.spec;
  const kept = source?.task.container.registryAuth;
  return kept === undefined ? spec : withAuth(spec, kept);
}
