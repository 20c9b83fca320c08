// The control API's documented error codes, with Docker's wording: operators and scripts know these
// sentences. Kinds are chosen so that the edge answers with Docker's HTTP status.
import { SkeinError } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';

/** `bad-spec` (400): what was sent cannot be; the message names the field. */
export function invalid(message: string, data: Readonly<Record<string, string>> = {}): SkeinError {
  return new SkeinError('invalid', 'bad-spec', message, { data });
}

/** `not-found` (404): no object of that id, name or id prefix. */
export function notFound(noun: string, ref: string): SkeinError {
  return new SkeinError('not-found', 'not-found', `${noun} ${ref} not found`, { data: { noun, ref } });
}

/** `ambiguous` (400): several objects answer to the reference. */
export function ambiguous(noun: string, ref: string, matches: number): SkeinError {
  return new SkeinError('invalid', 'ambiguous', `${noun} ${ref} is ambiguous (${matches} matches found)`, {
    data: { noun, ref, matches: String(matches) },
  });
}

/** `name-taken` (409). */
export function nameTaken(message: string): SkeinError {
  return new SkeinError('already-exists', 'name-taken', message);
}

/** `in-use` (400): the object cannot go while others refer to it. */
export function inUse(message: string): SkeinError {
  return new SkeinError('invalid', 'in-use', message);
}

/** `precondition` (400): the cluster is not in the state that the call needs. */
export function precondition(message: string): SkeinError {
  return new SkeinError('invalid', 'precondition', message);
}

/** `quorum-loss` (400): the call would leave the managers without a majority. */
export function quorumLoss(message: string): SkeinError {
  return new SkeinError('invalid', 'quorum-loss', message);
}

/** `not-permitted` (403): Docker forbids it whatever the state. */
export function notPermitted(message: string): SkeinError {
  return new SkeinError('denied', 'not-permitted', message);
}

/** `not-supported` (501): Swarm answers the same call so (renames, changes of mode), or it is not built. */
export function notSupported(message: string): SkeinError {
  return new SkeinError('not-implemented', 'not-supported', message);
}

/** `out-of-sequence` (409): the caller changed an older version of the object than the stored one. */
export function outOfSequence(noun: string, id: Id): SkeinError {
  return new SkeinError('conflict', 'out-of-sequence', 'update out of sequence', { data: { noun, id } });
}

/** `deadline` (504): no majority answered in time. A change may still be committed later. */
export function deadlineExceeded(waitedMs: number): SkeinError {
  return new SkeinError(
    'timeout',
    'deadline',
    `the managers did not agree within ${waitedMs / 1000} s: is a majority of them online? A change may still take effect`,
  );
}

/** `events-lost` (503): this manager can no longer tell what happened; watch again and list. */
export function eventsLost(): SkeinError {
  return new SkeinError(
    'unavailable',
    'events-lost',
    'the state was replaced by a snapshot and events were missed: watch again',
  );
}
