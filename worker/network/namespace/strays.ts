// Namespaces of networks: their names, and the end of those that nobody claims any more. Those of tasks are
// the sandboxes' affair.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Id } from '../../../shared/model/meta.ts';
import { hasErrno } from '../../kernel/errors.ts';
import { isNamespace, removeNamespace } from '../../kernel/namespace.ts';
import { shortId } from '../plan/addressing.ts';
import { NamespaceKernel } from './namespace_kernel.ts';

export function namespaceName(networkId: Id): string {
  return `net-${shortId(networkId)}`;
}

/** Removes the namespaces, and what is in them, of all networks but these. */
export function removeStrays(directory: string, networkIds: ReadonlySet<Id>): void {
  const kept = new Set(Array.from(networkIds, namespaceName));
  for (const name of listDirectory(directory).filter(
    (entry) => entry.startsWith('net-') && !kept.has(entry),
  )) {
    const path = join(directory, name);
    if (isNamespace(path)) {
      const kernel = new NamespaceKernel(path);
      kernel.removeLinks();
      kernel.close();
    }
    removeNamespace(path);
  }
}

function listDirectory(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return [];
    }
    throw error;
  }
}
