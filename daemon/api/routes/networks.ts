// /networks: the cluster's overlays, and the node-local ones that services may name.
import type { FastifyInstance } from 'fastify';
import { SkeinError } from '../../../shared/errors.ts';
import type { Network } from '../../../shared/model/network.ts';
import type { Service } from '../../../shared/model/service.ts';
import type { Task } from '../../../shared/model/task.ts';
import type { Filters } from '../../../shared/protocol/control.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import type { Backend } from '../backend.ts';
import { notImplemented } from '../errors.ts';
import {
  isPredefined,
  PREDEFINED_NETWORKS,
  readNetworkSpec,
  writeNetwork,
  writeNetworkServices,
  writePredefined,
} from '../json/network.ts';
import { writeNetworkContainers } from '../json/network_containers.ts';
import { writeNetworkStatus } from '../json/network_status.ts';
import { body, callContext, parameter, Query } from '../request.ts';

export function networkRoutes(app: FastifyInstance, backend: Backend): void {
  app.get('/networks', async (request, reply) => {
    const filters = new Query(request).filters();
    const networks = backend.node.status().controlAvailable
      ? await backend.node.control().listNetworks({ filters }, callContext(reply))
      : [];
    const local = PREDEFINED_NETWORKS.filter((name) => matchesLocal(name, filters));
    return [
      ...networks.map(writeNetwork),
      ...local.map((name) => writePredefined(name, 'local', backend.startedAt)),
    ];
  });

  app.get('/networks/:id', async (request, reply) => {
    const query = new Query(request);
    const ref = parameter(request, 'id');
    if (isPredefined(ref)) {
      return writePredefined(ref, query.string('scope') === 'swarm' ? 'swarm' : 'local', backend.startedAt);
    }
    const context = callContext(reply);
    const network = await findNetwork(backend, ref, context);
    const { services, tasks } = await holders(backend, context);
    return {
      ...writeNetwork(network),
      Containers: writeNetworkContainers(network.id, backend.node.status().nodeId, tasks),
      Status: writeNetworkStatus(network, services, tasks),
      ...(query.boolean('verbose') && { Services: writeNetworkServices(network.id, services, tasks) }),
    };
  });

  app.post('/networks/create', async (request, reply) => {
    const spec = readNetworkSpec(body(request, 'NetworkCreateRequest'));
    if (spec.driver !== 'overlay') {
      throw notImplemented(`networks with driver '${spec.driver}' (use --driver overlay)`);
    }
    const network = await backend.node.control().createNetwork({ spec }, callContext(reply));
    return reply.code(201).send({ Id: network.id, Warning: '' });
  });

  app.delete('/networks/:id', async (request, reply) => {
    const ref = parameter(request, 'id');
    if (isPredefined(ref)) {
      throw new SkeinError(
        'denied',
        'predefined-network',
        `${ref} is a pre-defined network and cannot be removed`,
      );
    }
    await backend.node.control().removeNetwork({ ref }, callContext(reply));
    return reply.code(204).send();
  });
}

/** On a node that is no manager a network is simply not there, as `docker network inspect` expects. */
async function findNetwork(backend: Backend, ref: string, context: CallContext): Promise<Network> {
  if (!backend.node.status().controlAvailable) {
    throw new SkeinError('not-found', 'network-not-found', `network ${ref} not found`);
  }
  return backend.node.control().getNetwork({ ref }, context);
}

/** Who may hold addresses. */
async function holders(
  backend: Backend,
  context: CallContext,
): Promise<{ readonly services: readonly Service[]; readonly tasks: readonly Task[] }> {
  const control = backend.node.control();
  const [services, tasks] = await Promise.all([
    control.listServices({ filters: {}, status: false }, context),
    control.listTasks({ filters: { runtime: ['container', 'attachment'] } }, context),
  ]);
  return { services: services.map(({ service }) => service), tasks };
}

function matchesLocal(name: string, filters: Filters): boolean {
  const driver = name === 'none' ? 'null' : name;
  const among = (key: string, test: (value: string) => boolean) =>
    filters[key] === undefined || filters[key].some(test);
  return (
    among('name', (value) => name.includes(value)) &&
    among('id', (value) => name.startsWith(value)) &&
    among('driver', (value) => value === driver) &&
    among('scope', (value) => value === 'local') &&
    among('type', (value) => value === 'builtin') &&
    among('label', () => false)
  );
}
