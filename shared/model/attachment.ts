// A container that is no task on an overlay network: what its node asks the managers for, and why they may refuse.
// The managers keep it as a task without a service (see `Task.attachment`), bound to the node that asked.
import type { ErrorKind } from '../errors.ts';
import type { Id } from './meta.ts';

/** One container on one network. Bounds are in `claimProblem`. */
export interface AttachmentClaim {
  /** Made by the node; unique among its own. Addresses are given to it, not to the container. */
  readonly id: Id;
  readonly containerId: string;
  readonly containerName: string;
  /** Id or name of the network, as the user gave it. */
  readonly target: string;
  /** Names besides the container's own and the first characters of its id. */
  readonly aliases: readonly string[];
  /** Wished for, without prefix length, one of a family at most; of other families any that is free. */
  readonly addresses: readonly string[];
}

/** Why a claim cannot be served, and what that means to the caller. */
export const ATTACHMENT_REFUSALS = {
  'network-not-found': 'not-found',
  'not-attachable': 'denied',
  'already-attached': 'conflict',
  'address-taken': 'conflict',
  'address-outside': 'invalid',
  'no-free-address': 'exhausted',
  'too-many-attachments': 'exhausted',
  'bad-attachment': 'invalid',
} as const satisfies Readonly<Record<string, ErrorKind>>;

export type AttachmentRefusalCode = keyof typeof ATTACHMENT_REFUSALS;

export const REFUSAL_CODES = Object.keys(ATTACHMENT_REFUSALS) as readonly AttachmentRefusalCode[];

export function isRefusalCode(text: string): text is AttachmentRefusalCode {
  return Object.hasOwn(ATTACHMENT_REFUSALS, text);
}

export interface AttachmentRefusal {
  readonly claimId: Id;
  readonly code: AttachmentRefusalCode;
  readonly message: string;
}

/** Overlay networks that the containers of one node may be on at a time, all together: what a worker may cost a manager. */
export const MAX_ATTACHMENTS_PER_NODE = 1_000;
/** Docker puts no bound; with this one all claims of a node fit into one message. */
export const MAX_ATTACHMENT_ALIASES = 16;
/**
 * Names of all containers of a node together, characters: every node of a network is told them, in one message of 4 MiB.
 * A thousand containers with two aliases of sixty characters.
 */
export const MAX_ATTACHMENT_NAMES_PER_NODE = 128 * 1024;
/** Twice a label of DNS: container names have no limit in Docker, and none that is used comes near. */
const MAX_NAME_LENGTH = 128;
/** How much of its id a container answers to, as Docker's. */
const SHORT_ID_LENGTH = 12;

/** Docker's containers are called so; underscores and dots are common in names that Compose makes. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
const CLAIM_ID = /^[0-9a-z]{25}$/;
const CONTAINER_ID = /^[0-9a-f]{64}$/;

/** What is wrong with a claim as such; undefined when nothing is. Whether addresses are any is the managers' to see. */
export function claimProblem(claim: AttachmentClaim): string | undefined {
  if (!CLAIM_ID.test(claim.id)) {
    return 'the id of an attachment is 25 characters of base36';
  }
  if (!CONTAINER_ID.test(claim.containerId)) {
    return 'the id of a container is 64 hexadecimal digits';
  }
  if (!isContainerName(claim.containerName)) {
    return `'${claim.containerName.slice(0, MAX_NAME_LENGTH)}' is no name of a container`;
  }
  if (claim.target === '' || claim.target.length > MAX_NAME_LENGTH) {
    return 'a network is named by its id or name';
  }
  if (claim.aliases.length > MAX_ATTACHMENT_ALIASES) {
    return `a container may have ${MAX_ATTACHMENT_ALIASES} aliases on a network`;
  }
  const alias = claim.aliases.find((one) => !isContainerName(one));
  if (alias !== undefined) {
    return `alias '${alias.slice(0, MAX_NAME_LENGTH)}' is no name: letters, digits, '_', '.' and '-', up to ${MAX_NAME_LENGTH}`;
  }
  return claim.addresses.length > 2 ? 'at most one address of each family can be asked for' : undefined;
}

function isContainerName(name: string): boolean {
  return name.length <= MAX_NAME_LENGTH && NAME.test(name);
}

/** What the claim takes of MAX_ATTACHMENT_NAMES_PER_NODE. */
export function namesLength(claim: AttachmentClaim): number {
  return [claim.containerName, ...claim.aliases].reduce((sum, name) => sum + name.length, 0);
}

/** What DNS answers for the container on the network besides its name. */
export function aliasesOf(claim: AttachmentClaim): readonly string[] {
  return [...new Set([...claim.aliases, claim.containerId.slice(0, SHORT_ID_LENGTH)])];
}
