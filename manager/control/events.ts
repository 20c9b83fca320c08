// Commits as `docker events` tells them: one fact per changed object, with Docker's attributes. The
// translation is pure; the subscription is below it.
import { AsyncQueue } from '../../shared/queue.ts';
import type { Network } from '../../shared/model/network.ts';
import type { Node } from '../../shared/model/node.ts';
import type { Service } from '../../shared/model/service.ts';
import type { ClusterEvent } from '../../shared/protocol/control.ts';
import type { Commit, Store, StoreChange } from '../store/api.ts';
import { eventsLost } from './errors.ts';

/** Events that a slow reader may leave waiting; then it is cut off and must watch again. */
const MAX_WAITING_EVENTS = 10_000;

type Attributes = Readonly<Record<string, string>>;

/** Events committed from the call on; ends at abort, fails with `events-lost` or `queue-overflow`. */
export function watchEvents(store: Store, signal: AbortSignal): AsyncIterable<ClusterEvent> {
  const queue = new AsyncQueue<ClusterEvent>(MAX_WAITING_EVENTS);
  const unwatch = store.watch((event) => {
    if (event.kind === 'restored') {
      end();
      queue.fail(eventsLost());
      return;
    }
    for (const told of eventsOf(event.commit)) {
      queue.push(told);
    }
  });
  const end = () => {
    unwatch();
    signal.removeEventListener('abort', onAbort);
  };
  const onAbort = () => {
    end();
    queue.close();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) {
    onAbort();
  }
  return untilClosed(queue, end);
}

async function* untilClosed<V>(queue: AsyncQueue<V>, end: () => void): AsyncGenerator<V, void, undefined> {
  try {
    yield* queue;
  } finally {
    end();
  }
}

export function eventsOf(commit: Commit): readonly ClusterEvent[] {
  return commit.changes.flatMap((change) => {
    const fact = factOf(change);
    if (fact === undefined) {
      return [];
    }
    const actor = { id: change.object.id, attributes: fact.attributes };
    return [{ type: fact.type, action: change.action, actor, time: commit.time, index: commit.version }];
  });
}

function factOf(
  change: StoreChange,
): { readonly type: ClusterEvent['type']; readonly attributes: Attributes } | undefined {
  switch (change.table) {
    case 'service': {
      const previous = change.action === 'update' ? change.previous : undefined;
      return { type: 'service', attributes: serviceAttributes(change.object, previous) };
    }
    case 'node': {
      const previous = change.action === 'update' ? change.previous : undefined;
      return { type: 'node', attributes: nodeAttributes(change.object, previous) };
    }
    case 'network':
      return { type: 'network', attributes: networkAttributes(change.object) };
    case 'secret':
      return { type: 'secret', attributes: { name: change.object.spec.name } };
    case 'config':
      return { type: 'config', attributes: { name: change.object.spec.name } };
    case 'task':
    case 'cluster':
    case 'volume':
      return undefined;
  }
}

function networkAttributes(network: Network): Attributes {
  return { name: network.spec.name, type: network.spec.driver };
}

function serviceAttributes(service: Service, previous: Service | undefined): Attributes {
  const name = service.spec.name;
  if (previous === undefined) {
    return { name };
  }
  return {
    name,
    ...changed('replicas', replicas(previous), replicas(service)),
    ...changed('image', previous.spec.task.container.image, service.spec.task.container.image),
    ...changed('updatestate', previous.updateStatus?.state ?? '', service.updateStatus?.state ?? ''),
  };
}

function replicas(service: Service): string {
  return service.spec.mode.kind === 'replicated' ? String(service.spec.mode.replicas) : '';
}

function nodeAttributes(node: Node, previous: Node | undefined): Attributes {
  const name = node.description?.hostname ?? node.spec.name;
  if (previous === undefined) {
    return { name };
  }
  return {
    name,
    ...changed('state', previous.status.state, node.status.state),
    ...changed('availability', previous.spec.availability, node.spec.availability),
    ...changed('role', previous.role, node.role),
    ...changed(
      'leader',
      String(previous.managerStatus?.leader ?? false),
      String(node.managerStatus?.leader ?? false),
    ),
    ...changed(
      'reachability',
      previous.managerStatus?.reachability ?? '',
      node.managerStatus?.reachability ?? '',
    ),
  };
}

/** `what.old` and `what.new`, when they differ; an empty side is left out. */
function changed(what: string, before: string, after: string): Attributes {
  if (before === after) {
    return {};
  }
  return {
    ...(before === '' ? {} : { [`${what}.old`]: before }),
    ...(after === '' ? {} : { [`${what}.new`]: after }),
  };
}
