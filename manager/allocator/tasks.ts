// What a task gets on its way from `new` to `pending`: one address of each family on each of its networks,
// and a copy of its service's endpoint. Decisions only; the ledger notes what was given.
import type { NetworkAttachment } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Service } from '../../shared/model/service.ts';
import { isTerminal, type Task, taskStateRank } from '../../shared/model/task.ts';
import type { ReadView } from '../store/api.ts';
import { noRoom, resolveTarget } from './attachments.ts';
import { allocateClaim } from './claims.ts';
import type { Ledger } from './ledger.ts';
import type { TaskOutcome, Wait } from './waiting.ts';

/** True for a task that the allocator has to bring forward. */
export function needsAllocation(task: Task): boolean {
  return task.status.state === 'new' && !isTerminal(task.desiredState);
}

/** @param serviceWait why the task's service waits itself, when it does */
export function allocateTask(
  task: Task,
  serviceWait: string | undefined,
  view: ReadView,
  ledger: Ledger,
  now: number,
): TaskOutcome {
  if (!needsAllocation(task)) {
    return { kind: 'settled' };
  }
  if (task.attachment !== undefined) {
    return allocateClaim(task, task.attachment, view, ledger, now);
  }
  const service = task.serviceId === '' ? undefined : view.get('service', task.serviceId);
  if (task.serviceId !== '' && (service?.endpoint === undefined || serviceWait !== undefined)) {
    const reason = serviceWait ?? `service ${task.serviceName} has no endpoint yet`;
    return { kind: 'wait', wait: { reason, keys: [`service:${task.serviceId}`] } };
  }
  const networks = attach(task, service, view, ledger);
  if ('wait' in networks) {
    return { kind: 'wait', wait: networks.wait };
  }
  const status = {
    ...task.status,
    state: 'pending' as const,
    timestamp: now,
    message: 'pending task scheduling',
    error: '',
  };
  const endpoint = service?.endpoint;
  return {
    kind: 'done',
    task: {
      ...task,
      status,
      networks: networks.attachments,
      ...(endpoint === undefined ? {} : { endpoint }),
    },
  };
}

/** The task with its error telling why it waits; undefined when it says so already. */
export function explainWait(task: Task, reason: string, now: number): Task | undefined {
  if (task.status.error === reason || taskStateRank(task.status.state) > taskStateRank('new')) {
    return undefined;
  }
  return { ...task, status: { ...task.status, timestamp: now, error: reason } };
}

type AttachOutcome = { readonly attachments: readonly NetworkAttachment[] } | { readonly wait: Wait };

/** All attachments or none: what was taken before one that must wait is given back. */
function attach(task: Task, service: Service | undefined, view: ReadView, ledger: Ledger): AttachOutcome {
  const attachments: NetworkAttachment[] = [];
  const giveUp = (wait: Wait): AttachOutcome => {
    for (const { networkId, addresses } of attachments) {
      ledger.releaseAll(networkId, addresses, task.id);
    }
    return { wait };
  };
  for (const { target, aliases } of wishesOf(task, service, ledger)) {
    const resolved = resolveTarget(target, view);
    if (resolved.kind === 'wait') {
      return giveUp(resolved.wait);
    }
    const networkId = resolved.kind === 'overlay' ? resolved.network.id : resolved.networkId;
    if (attachments.some((attachment) => attachment.networkId === networkId)) {
      continue;
    }
    const addresses = resolved.kind === 'overlay' ? ledger.takeAddresses(networkId, task.id) : [];
    if (addresses === undefined) {
      return giveUp(noRoom(networkId, view, ledger));
    }
    attachments.push({ networkId, addresses, aliases });
  }
  return { attachments };
}

/** The networks of the task's own spec, and the ingress when its service publishes there. */
function wishesOf(
  task: Task,
  service: Service | undefined,
  ledger: Ledger,
): readonly { readonly target: Id; readonly aliases: readonly string[] }[] {
  const published = service?.endpoint?.ports.some((port) => port.mode === 'ingress') ?? false;
  const ingress = ledger.ingressNetworkId;
  return published && ingress !== undefined
    ? [...task.spec.networks, { target: ingress, aliases: [] }]
    : task.spec.networks;
}
