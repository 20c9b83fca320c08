// What becomes of the claims of a node's own containers (plain `docker run` on an attachable network): a task that
// runs nothing and holds addresses, or a refusal. Decisions inside a transaction; addresses are the allocator's.
import { isIP } from 'node:net';
import {
  type AttachmentClaim,
  type AttachmentRefusal,
  type AttachmentRefusalCode,
  claimProblem,
  isRefusalCode,
  MAX_ATTACHMENT_NAMES_PER_NODE,
  MAX_ATTACHMENTS_PER_NODE,
  namesLength,
} from '../../shared/model/attachment.ts';
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Network } from '../../shared/model/network.ts';
import { isTerminal, type Task } from '../../shared/model/task.ts';
import { MAX_CHANGES_PER_TRANSACTION, type ReadView, type WriteTransaction } from '../store/api.ts';

type HoldingTask = Task & { readonly attachment: AttachmentClaim };

/** A task needs a container's spec; nothing of this one is ever looked at. */
const NO_CONTAINER: ContainerSpec = {
  image: '',
  labels: {},
  command: [],
  args: [],
  env: [],
  groups: [],
  tty: false,
  openStdin: false,
  readOnly: false,
  mounts: [],
  hosts: [],
  secrets: [],
  configs: [],
  sysctls: {},
  capabilityAdd: [],
  capabilityDrop: [],
  ulimits: [],
};

/** What is wrong with the claim whatever the store says; its texts are as long as the node likes until this was asked. */
export function checkClaim(claim: AttachmentClaim): AttachmentRefusal | undefined {
  const problem = claimProblem(claim) ?? addressProblem(claim.addresses);
  return problem === undefined ? undefined : refusal(claim, 'bad-attachment', problem);
}

function addressProblem(addresses: readonly string[]): string | undefined {
  const families = addresses.map(isIP);
  const odd = addresses.find((_, position) => families[position] === 0);
  if (odd !== undefined) {
    return `'${odd.slice(0, 64)}' is no IP address`;
  }
  return new Set(families).size < families.length
    ? 'at most one address of each family can be asked for'
    : undefined;
}

/**
 * Ends what the node does not claim any more, as many as one entry should carry. The objects go at once: the node
 * says itself that nothing uses them.
 * @returns how many, and whether more are left
 */
export function release(
  tx: WriteTransaction,
  nodeId: Id,
  isOver: (claimId: Id) => boolean,
): { readonly released: number; readonly left: boolean } {
  const over = attachmentsOf(tx, nodeId).filter(({ attachment }) => isOver(attachment.id));
  const now = over.slice(0, MAX_CHANGES_PER_TRANSACTION);
  for (const { id } of now) {
    tx.remove('task', id);
  }
  return { released: now.length, left: over.length > now.length };
}

/**
 * Makes tasks for the claims that have none. One that the node holds already stays as it is.
 * @param claims that `checkClaim` has nothing against; no more than one entry should carry
 */
export function serve(
  tx: WriteTransaction,
  nodeId: Id,
  claims: readonly AttachmentClaim[],
  newTaskId: () => Id,
): { readonly made: number; readonly refusals: readonly AttachmentRefusal[] } {
  const held = [...attachmentsOf(tx, nodeId)];
  const refusals: AttachmentRefusal[] = [];
  let made = 0;
  for (const claim of claims) {
    const known = held.find(({ attachment }) => attachment.id === claim.id);
    if (known !== undefined) {
      refusals.push(...rejectionOf(known));
      continue;
    }
    const outcome = serveOne(tx, nodeId, claim, held, newTaskId);
    if ('code' in outcome) {
      refusals.push(outcome);
    } else {
      tx.create('task', outcome);
      held.push(outcome);
      made += 1;
    }
  }
  return { made, refusals };
}

function serveOne(
  tx: WriteTransaction,
  nodeId: Id,
  claim: AttachmentClaim,
  held: readonly HoldingTask[],
  newTaskId: () => Id,
): HoldingTask | AttachmentRefusal {
  const network = networkOf(tx, claim.target);
  if (network === undefined) {
    return refusal(claim, 'network-not-found', `network ${claim.target} not found`);
  }
  if (!network.spec.attachable || network.spec.ingress || network.spec.driver !== 'overlay') {
    return refusal(claim, 'not-attachable', `network ${claim.target} not manually attachable`);
  }
  const isOn = ({ attachment, spec }: HoldingTask) =>
    attachment.containerId === claim.containerId && spec.networks[0]?.target === network.id;
  if (held.some((task) => isOn(task) && !isTerminal(task.status.state))) {
    const text = `container ${claim.containerName} is on network ${network.spec.name} already`;
    return refusal(claim, 'already-attached', text);
  }
  if (held.length >= MAX_ATTACHMENTS_PER_NODE) {
    const text = `containers of this node are on ${MAX_ATTACHMENTS_PER_NODE} networks together already: stop some`;
    return refusal(claim, 'too-many-attachments', text);
  }
  const names = held.reduce((sum, { attachment }) => sum + namesLength(attachment), namesLength(claim));
  if (names > MAX_ATTACHMENT_NAMES_PER_NODE) {
    const text = `names and aliases of this node's containers have more than ${MAX_ATTACHMENT_NAMES_PER_NODE} characters: use fewer`;
    return refusal(claim, 'too-many-attachments', text);
  }
  return newTask(newTaskId(), nodeId, network.id, claim, tx.now);
}

/** By id, by name, or by the beginning of its id, as Docker. */
function networkOf(view: ReadView, target: string): Network | undefined {
  const exact = view.get('network', target) ?? view.byName('network', target)[0];
  if (exact !== undefined) {
    return exact;
  }
  const [first, ...others] = view.byIdPrefix('network', target);
  return others.length === 0 ? first : undefined;
}

function newTask(id: Id, nodeId: Id, networkId: Id, claim: AttachmentClaim, now: number): HoldingTask {
  return {
    id,
    meta: { version: 0, createdAt: 0, updatedAt: 0 },
    name: claim.containerName,
    labels: {},
    serviceId: '',
    serviceName: '',
    slot: 0,
    nodeId,
    spec: {
      container: NO_CONTAINER,
      networks: [{ target: networkId, aliases: claim.aliases, driverOptions: {} }],
      forceUpdate: 0,
    },
    specVersion: 0,
    desiredState: 'running',
    status: {
      state: 'new',
      timestamp: now,
      message: 'a container asks for the network',
      error: '',
      ports: [],
    },
    networks: [],
    attachment: claim,
  };
}

/** What the allocator said of a claim that it could not serve (see `rejected` there), while the task is not reaped yet. */
export function rejectionOf(task: Task): readonly AttachmentRefusal[] {
  const { attachment, status } = task;
  return attachment !== undefined && status.state === 'rejected' && isRefusalCode(status.message)
    ? [refusal(attachment, status.message, status.error)]
    : [];
}

function attachmentsOf(view: ReadView, nodeId: Id): readonly HoldingTask[] {
  return view.tasksByNode(nodeId).filter((task): task is HoldingTask => task.attachment !== undefined);
}

function refusal(claim: AttachmentClaim, code: AttachmentRefusalCode, message: string): AttachmentRefusal {
  return { claimId: claim.id, code, message };
}
