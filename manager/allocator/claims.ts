// What a plain container's attachment gets: the addresses it wishes for, or any, and its node at once, for it was bound
// to it from the beginning and no scheduler has a say. A container waits at a prompt, so what cannot be served now is
// rejected with the code that its node tells, not kept waiting. Decisions only; the ledger notes what was given.
import type { AttachmentClaim, AttachmentRefusalCode } from '../../shared/model/attachment.ts';
import { type IpAddress, parseIp } from '../../shared/model/cidr.ts';
import type { Network } from '../../shared/model/network.ts';
import type { Task } from '../../shared/model/task.ts';
import type { ReadView } from '../store/api.ts';
import { noRoom, resolveTarget } from './attachments.ts';
import type { Ledger } from './ledger.ts';
import type { TaskOutcome } from './waiting.ts';

export function allocateClaim(
  task: Task,
  claim: AttachmentClaim,
  view: ReadView,
  ledger: Ledger,
  now: number,
): TaskOutcome {
  const [config] = task.spec.networks;
  const target = config?.target ?? '';
  const network = view.get('network', target);
  if (network === undefined) {
    return rejected(task, 'network-not-found', `network ${claim.target} not found`, now);
  }
  const resolved = resolveTarget(target, view);
  if (resolved.kind === 'wait') {
    return { kind: 'wait', wait: resolved.wait };
  }
  if (resolved.kind !== 'overlay') {
    return rejected(task, 'not-attachable', `network ${claim.target} not manually attachable`, now);
  }
  const given = addressesFor(task, claim, network, view, ledger);
  if ('code' in given) {
    return rejected(task, given.code, given.message, now);
  }
  const status = { ...task.status, state: 'assigned' as const, timestamp: now, message: 'addresses given' };
  const networks = [{ networkId: network.id, addresses: given.addresses, aliases: config?.aliases ?? [] }];
  return { kind: 'done', task: { ...task, status: { ...status, error: '' }, networks } };
}

type Given =
  | { readonly addresses: readonly string[] }
  | { readonly code: AttachmentRefusalCode; readonly message: string };

function addressesFor(
  task: Task,
  claim: AttachmentClaim,
  network: Network,
  view: ReadView,
  ledger: Ledger,
): Given {
  const wished: string[] = [];
  for (const text of claim.addresses) {
    const address = parseIp(text);
    const outcome = address === undefined ? 'outside' : ledger.takeThis(network.id, address, task.id);
    if (outcome === 'taken' || outcome === 'outside') {
      ledger.releaseAll(network.id, wished, task.id);
      return refusalOf(outcome, address, text, network);
    }
    wished.push(outcome);
  }
  const addresses = ledger.takeAddresses(network.id, task.id, wished);
  return addresses === undefined
    ? { code: 'no-free-address', message: noRoom(network.id, view, ledger).reason }
    : { addresses };
}

function refusalOf(
  outcome: 'taken' | 'outside',
  address: IpAddress | undefined,
  text: string,
  network: Network,
): Given {
  if (outcome === 'taken') {
    return {
      code: 'address-taken',
      message: `Address already in use: ${text} on network ${network.spec.name}`,
    };
  }
  const subnets = network.subnets
    .map(({ subnet }) => subnet)
    .filter((subnet) => address === undefined || subnet.includes(':') === (address.family === 6));
  const room =
    subnets.length === 0 ? 'it has no subnet of this family' : `choose one in ${subnets.join(' or ')}`;
  return {
    code: 'address-outside',
    message: `${text} is not in a subnet of network ${network.spec.name}: ${room}`,
  };
}

/** The code stands in the message, where the dispatcher finds it; the reaper takes the task away. */
function rejected(task: Task, code: AttachmentRefusalCode, error: string, now: number): TaskOutcome {
  const status = { ...task.status, state: 'rejected' as const, timestamp: now, message: code, error };
  return { kind: 'done', task: { ...task, desiredState: 'remove', status } };
}
