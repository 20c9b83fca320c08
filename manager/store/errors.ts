// The store's documented error codes. Callers match on the code, people read the message.
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import type { Id } from '../../shared/model/meta.ts';

/** `out-of-sequence`: the object changed since the caller read it; read again and retry. */
export function outOfSequence(table: string, id: Id): SkeinError {
  return new SkeinError('conflict', 'out-of-sequence', 'update out of sequence', { data: { table, id } });
}

/** `no-object`: update or removal of an object that is not there (any more). */
export function noSuchObject(table: string, id: Id): SkeinError {
  return new SkeinError('not-found', 'no-object', `${table} ${id} not found`, { data: { table, id } });
}

/** `object-exists`: an object of this id is there already. */
export function objectExists(table: string, id: Id): SkeinError {
  return new SkeinError('already-exists', 'object-exists', `${table} ${id} already exists`, {
    data: { table, id },
  });
}

/** `transaction-too-large`: the transaction alone would not fit in one raft entry. */
export function transactionTooLarge(bytes: number, limit: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'transaction-too-large',
    `the change needs ${bytes} bytes but one transaction may have at most ${limit}: split it`,
    { data: { bytes: String(bytes), limit: String(limit) } },
  );
}

/** `not-encodable`: a bug of the caller: an object holds what the wire format has no place for. */
export function notEncodable(cause: unknown): SkeinError {
  return new SkeinError(
    'internal',
    'not-encodable',
    `the change cannot be written to the log: ${errorMessage(cause)}`,
    { cause },
  );
}

/** `dropped-with-group`: nothing was changed because another change beside this one was bad; retry. */
export function droppedWithGroup(): SkeinError {
  return new SkeinError(
    'unavailable',
    'dropped-with-group',
    'the change was not made because it rode with one that could not be written: retry',
  );
}

/** `store-busy`: too many transactions wait for the quorum; retry later. */
export function storeBusy(waiting: number): SkeinError {
  return new SkeinError(
    'exhausted',
    'store-busy',
    `${waiting} changes already wait to be committed: is the majority of managers reachable? Retry later`,
    { retryable: true },
  );
}

/** `bad-snapshot`: the bytes are no snapshot of this store, or are cut off. */
export function badSnapshot(reason: string, cause?: unknown): SkeinError {
  return new SkeinError('internal', 'bad-snapshot', `the snapshot of the store cannot be read: ${reason}`, {
    cause,
  });
}

/** `snapshot-newer` (internal): written by a later skein. */
export function newerSnapshot(version: number, known: number): SkeinError {
  return new SkeinError(
    'internal',
    'snapshot-newer',
    `the snapshot of the store has format version ${version}, this skein reads up to ${known}: use the newer skein that wrote it`,
  );
}
