// Keeps the memory of the manager process out of core dumps: it holds the cluster's root key, its tokens and every
// secret. By /proc/self/coredump_filter (core(5)), which children inherit: a manager has none.
import { writeFileSync } from 'node:fs';

/** Before anything secret is read. A kernel without the file writes no core dumps. */
export function emptyCoreDumps(): void {
  try {
    writeFileSync('/proc/self/coredump_filter', '0');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw error;
    }
  }
}
