// Cuts a node's changes into messages that a stream can carry. A full set must name every task in its first
// message (a task that is not in a full set is ended); what does not fit follows as increments.
import type { AssignmentChange } from '../../shared/protocol/dispatcher.ts';

/** Changes in one increment (Swarm's batch). */
const MAX_CHANGES_PER_MESSAGE = 100;
/** Bytes in one message, guessed: half of what a message may have, since the guess is rough. */
const MAX_BYTES_PER_MESSAGE = 2 * 1024 * 1024;
/** Guesses for the parts of a view, in bytes on the wire. */
const BYTES_PER_ENDPOINT = 160;
const BYTES_PER_VIEW_NODE = 64;
const BYTES_PER_TASK = 1_024;

/** Never empty. */
export function chunks(
  changes: readonly AssignmentChange[],
  mode: 'full' | 'increment',
): readonly (readonly AssignmentChange[])[] {
  const first: AssignmentChange[] = [];
  const messages: AssignmentChange[][] = [first];
  let bytes = 0;
  if (mode === 'full') {
    for (const change of changes.filter(isTask)) {
      first.push(change);
      bytes += bytesOf(change);
    }
  }
  let last = first;
  for (const change of mode === 'full' ? changes.filter((other) => !isTask(other)) : changes) {
    const size = bytesOf(change);
    const countLimit = last === first && mode === 'full' ? Number.POSITIVE_INFINITY : MAX_CHANGES_PER_MESSAGE;
    if (last.length > 0 && (last.length >= countLimit || bytes + size > MAX_BYTES_PER_MESSAGE)) {
      last = [];
      messages.push(last);
      bytes = 0;
    }
    last.push(change);
    bytes += size;
  }
  return messages;
}

/** Containers may have many and long ones. */
function lengthOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function isTask(change: AssignmentChange): boolean {
  return change.action === 'update' && change.item.kind === 'task';
}

function bytesOf(change: AssignmentChange): number {
  if (change.action === 'remove') {
    return 0;
  }
  switch (change.item.kind) {
    case 'secret':
      return change.item.secret.spec.data.length;
    case 'config':
      return change.item.config.spec.data.length;
    case 'view': {
      const { nodes, services } = change.item.view;
      return services.reduce(
        (sum, { endpoints }) =>
          endpoints.reduce((bytes, { aliases }) => bytes + BYTES_PER_ENDPOINT + lengthOf(aliases), sum) +
          BYTES_PER_ENDPOINT,
        nodes.length * BYTES_PER_VIEW_NODE,
      );
    }
    case 'task': {
      const { env, args, command } = change.item.task.spec.container;
      return [...env, ...args, ...command].reduce((sum, text) => sum + text.length, BYTES_PER_TASK);
    }
  }
}
