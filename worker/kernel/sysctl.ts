// Kernel parameters of a network namespace. /proc/sys/net shows the namespace of the thread that opens the
// file, so it is written synchronously inside it; a write takes some ten microseconds.
import { readFileSync, writeFileSync } from 'node:fs';
import { SkeinError, errorMessage } from '../../shared/errors.ts';
import { hasErrno } from './errors.ts';
import { type NamespaceRef, inNamespace } from './namespace.ts';

/** Keys are paths below /proc/sys with slashes (`net/ipv4/ip_forward`): interface names may hold dots. */
export type Sysctls = Readonly<Record<string, string>>;

function pathOf(key: string): string {
  if (!/^net\/[A-Za-z0-9_./:-]+$/.test(key) || key.split('/').includes('..')) {
    throw new SkeinError('invalid', 'sysctl-name', `sysctl ${key} is not one of a network namespace (net.…)`);
  }
  return `/proc/sys/${key}`;
}

/** Writes those that differ. @throws SkeinError `sysctl-failed` naming the key and the value */
export function writeSysctls(namespace: NamespaceRef, values: Sysctls): void {
  inNamespace(namespace, () => {
    for (const [key, value] of Object.entries(values)) {
      const path = pathOf(key);
      try {
        writeFileSync(path, value);
      } catch (error) {
        throw new SkeinError('invalid', 'sysctl-failed', `sysctl ${key}=${value}: ${errorMessage(error)}`, {
          cause: error,
          data: { key },
        });
      }
    }
  });
}

/** Those whose value differs from what is wanted; a key that the kernel lacks counts as different. */
export function differingSysctls(namespace: NamespaceRef, values: Sysctls): Record<string, string> {
  return inNamespace(namespace, () => {
    const different: Record<string, string> = {};
    for (const [key, value] of Object.entries(values)) {
      const words = (text: string): string => text.trim().split(/\s+/).join(' ');
      if (words(readValue(pathOf(key))) !== words(value)) {
        different[key] = value;
      }
    }
    return different;
  });
}

/** The value as the kernel prints it; empty when it has no such parameter. */
export function readSysctl(namespace: NamespaceRef, key: string): string {
  return inNamespace(namespace, () => readValue(pathOf(key)).trim());
}

function readValue(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return '';
    }
    throw error;
  }
}
