// What a container's processes wrote before they ended: the kernel still sends it, from sockets that nobody owns
// any more. Their network namespace must live, and its endpoint be reachable, until it has arrived.
import { readFileSync } from 'node:fs';
import type { Clock } from '../../../shared/clock.ts';
import { type NamespaceRef, inNamespace, isNamespace } from '../../kernel/namespace.ts';

/** No event tells that the last byte was acknowledged; a look costs some microseconds. */
const LOOK_MS = 20;
const STATISTICS = ['/proc/thread-self/net/sockstat', '/proc/thread-self/net/sockstat6'] as const;

/**
 * TCP sockets of a namespace in which no process is left: those with bytes, or their end, on the way. The kernel
 * does not count closed connections in TIME_WAIT here, nor those that only wait for the other side's end. None where
 * there is no namespace any more.
 */
export function undelivered(namespace: NamespaceRef): number {
  if (typeof namespace === 'string' && !isNamespace(namespace)) {
    return 0;
  }
  return inNamespace(namespace, () =>
    STATISTICS.reduce((sum, path) => sum + tcpInUse(readFileSync(path, 'utf8')), 0),
  );
}

/** Of the text of sockstat (proc(5)); a kernel without IPv6 has an empty one. */
function tcpInUse(statistics: string): number {
  return Number(/^TCP6?: inuse (\d+)/m.exec(statistics)?.[1] ?? 0);
}

/**
 * Settles when all has arrived.
 * @returns false when something was still on its way after the limit
 */
export async function lastWordsArrive(
  clock: Clock,
  namespace: NamespaceRef,
  limitMs: number,
): Promise<boolean> {
  for (const end = clock.monotonic() + limitMs; undelivered(namespace) > 0; await clock.sleep(LOOK_MS)) {
    if (clock.monotonic() >= end) {
      return false;
    }
  }
  return true;
}
