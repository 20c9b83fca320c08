// The log driver's options that the runtime heeds: how large a container's log may grow and how many
// rotated files are kept. Pure.
import type { LogDriver } from '../../shared/model/cluster.ts';
import { badSpec } from './errors.ts';

/** Docker's json-file keeps all for ever and fills disks; ten megabytes three times over is its advice. */
const DEFAULT_MAX_BYTES = 10 * 1024 * 1024;
const DEFAULT_MAX_FILES = 3;
/** Below this the file would be rotated at nearly each line. */
const MIN_BYTES = 4096;
const MAX_FILES = 100;
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
const DRIVERS: ReadonlySet<string> = new Set(['', 'json-file', 'local', 'k8s-file', 'none']);

export interface LogLimits {
  readonly maxBytes: number;
  /** 0: no log is kept (driver `none`). */
  readonly maxFiles: number;
}

/** @throws SkeinError `bad-container-spec` */
export function logLimits(driver: LogDriver | undefined): LogLimits {
  if (!DRIVERS.has(driver?.name ?? '')) {
    throw badSpec(`log driver "${driver?.name}" is not available: use json-file, local or none`);
  }
  const size = driver?.options['max-size'];
  const files = driver?.options['max-file'];
  return {
    maxBytes: size === undefined || size === '-1' ? DEFAULT_MAX_BYTES : parseSize(size),
    maxFiles: driver?.name === 'none' ? 0 : files === undefined ? DEFAULT_MAX_FILES : parseFiles(files),
  };
}

function parseSize(text: string): number {
  const match = /^(\d{1,12})\s*([bkmg]?)(?:i?b)?$/i.exec(text);
  const bytes = Number(match?.[1]) * (UNITS[match?.[2]?.toLowerCase() ?? ''] ?? 1);
  if (match === null || !Number.isSafeInteger(bytes) || bytes < 1) {
    throw badSpec(`invalid log option max-size=${text}: write a size such as 10m`);
  }
  return Math.max(bytes, MIN_BYTES);
}

function parseFiles(text: string): number {
  const files = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (files < 1 || files > MAX_FILES) {
    throw badSpec(`invalid log option max-file=${text}: write a number from 1 to ${MAX_FILES}`);
  }
  return files;
}
