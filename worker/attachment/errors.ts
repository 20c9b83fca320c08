// Documented errors of containers' attachments; the managers' refusals keep the codes of shared/model/attachment.ts.
import { SkeinError } from '../../shared/errors.ts';
import { ATTACHMENT_REFUSALS, type AttachmentRefusal } from '../../shared/model/attachment.ts';

/** `not-in-a-swarm`: only a cluster has overlay networks. */
export function notInASwarm(target: string): SkeinError {
  return new SkeinError(
    'unavailable',
    'not-in-a-swarm',
    `network ${target} not found: this node is in no swarm whose networks it could join`,
    { retryable: false },
  );
}

/** The managers said no; in Docker's words. */
export function refused(target: string, { code, message }: Omit<AttachmentRefusal, 'claimId'>): SkeinError {
  const text = code === 'network-not-found' ? message : `Could not attach to network ${target}: ${message}`;
  return new SkeinError(ATTACHMENT_REFUSALS[code], code, text);
}

/** `attachment-timeout`: no manager answered. */
export function attachmentTimeout(target: string, seconds: number): SkeinError {
  const text = `Could not attach to network ${target}: no manager gave addresses within ${seconds} s; see 'docker node ls' on a manager`;
  return new SkeinError('timeout', 'attachment-timeout', text);
}

/** `attachment-released`: the container was released while it waited. */
export function attachmentReleased(containerId: string): SkeinError {
  return new SkeinError('conflict', 'attachment-released', `container ${containerId} left the network again`);
}
