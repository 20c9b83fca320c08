// Codecs of containers' claims to addresses on overlay networks, and of their refusals.
import { type AttachmentClaim, type AttachmentRefusal, isRefusalCode } from '../model/attachment.ts';
import type { AgentMessage } from '../protocol/dispatcher.ts';
import { malformed, nonEmpty } from './fields.ts';
import type { AttachmentClaim__Output } from './generated/skein/v1/AttachmentClaim.ts';
import type { AttachmentRefusal__Output } from './generated/skein/v1/AttachmentRefusal.ts';
import type { Attachments__Output } from './generated/skein/v1/Attachments.ts';
import type { Encoded } from './schema.ts';

type AttachmentsMessage = AgentMessage & { readonly kind: 'attachments' };

export function encodeClaim(claim: AttachmentClaim): Encoded<AttachmentClaim__Output> {
  const { id, containerId, containerName, target, aliases, addresses } = claim;
  return { id, containerId, containerName, target, aliases, addresses };
}

export function decodeClaim(wire: AttachmentClaim__Output): AttachmentClaim {
  const { containerName, target, aliases, addresses } = wire;
  return {
    id: nonEmpty(wire.id, 'AttachmentClaim.id'),
    containerId: nonEmpty(wire.containerId, 'AttachmentClaim.container_id'),
    containerName,
    target,
    aliases,
    addresses,
  };
}

export function encodeAttachments(message: AttachmentsMessage): Encoded<Attachments__Output> {
  const { complete, claims, released } = message;
  return { complete, claims: claims.map(encodeClaim), released };
}

export function decodeAttachments(wire: Attachments__Output): AttachmentsMessage {
  return {
    kind: 'attachments',
    complete: wire.complete,
    claims: wire.claims.map(decodeClaim),
    released: wire.released,
  };
}

export function decodeRefusal(wire: AttachmentRefusal__Output): AttachmentRefusal {
  const { code, message } = wire;
  if (!isRefusalCode(code)) {
    throw malformed('AttachmentRefusal.code', `has the unknown value ${JSON.stringify(code)}`);
  }
  return { claimId: nonEmpty(wire.claimId, 'AttachmentRefusal.claim_id'), code, message };
}
