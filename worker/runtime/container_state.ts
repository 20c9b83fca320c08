// What is kept on disk of a container, so that the next daemon can take it up: written atomically beside
// the bundle, read back with every field checked. Holds no secret.
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerExit, ContainerInfo, ContainerPhase } from './api.ts';
import { keptDescriptors } from './conmon.ts';
import type { LogLimits } from './log_options.ts';
import type { ProcessIdentity } from './process_identity.ts';

const FORMAT = 1;
const FILE = 'state.json';

export interface ContainerState {
  readonly id: string;
  /** `creating` until conmon has answered: such a container is not taken up but removed. */
  readonly phase: 'creating' | ContainerPhase;
  readonly init: ProcessIdentity | undefined;
  readonly monitor: ProcessIdentity | undefined;
  /** How many descriptors the monitor keeps for the next daemon. */
  readonly kept?: number;
  readonly startedAt: number;
  readonly stopSignal: string;
  readonly cgroupsPath: string;
  readonly log: LogLimits;
  readonly exit: ContainerExit | undefined;
  /** Mounts, cgroup and run-time files are gone; only the log is left. */
  readonly cleaned: boolean;
  /** Created anew: there is a log of before. */
  readonly renewed?: boolean;
}

/** What others are told of a container. */
export function infoOf(state: ContainerState): ContainerInfo {
  return {
    id: state.id,
    phase: state.phase === 'creating' ? 'created' : state.phase,
    pid: state.init?.pid ?? 0,
    startedAt: state.startedAt,
    stopSignal: state.stopSignal,
    cleaned: state.cleaned,
    ...(state.exit === undefined ? {} : { exit: state.exit }),
    ...(state.monitor !== undefined &&
      state.kept !== undefined &&
      state.kept > 0 && {
        kept: { pid: state.monitor.pid, descriptors: keptDescriptors(state.kept) },
      }),
  };
}

export async function saveState(bundle: string, state: ContainerState): Promise<void> {
  const path = join(bundle, FILE);
  const temporary = `${path}.tmp`;
  // No fsync: after a power cut no container of this list runs, and a torn file only says "remove it".
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify({ format: FORMAT, ...state }));
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** The state, or undefined when there is none or it cannot be understood. */
export async function loadState(bundle: string): Promise<ContainerState | undefined> {
  try {
    return parseState(await readFile(join(bundle, FILE), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
}

export function parseState(text: string): ContainerState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const fields = record(value);
  const log = record(fields?.['log']);
  const phase = phaseOf(fields?.['phase']);
  if (fields === undefined || log === undefined || phase === undefined || fields['format'] !== FORMAT) {
    return undefined;
  }
  return {
    id: text_(fields['id']),
    phase,
    init: identity(fields['init']),
    monitor: identity(fields['monitor']),
    kept: number_(fields['kept']),
    startedAt: number_(fields['startedAt']),
    stopSignal: text_(fields['stopSignal']),
    cgroupsPath: text_(fields['cgroupsPath']),
    log: { maxBytes: number_(log['maxBytes']), maxFiles: number_(log['maxFiles']) },
    exit: exit(fields['exit']),
    cleaned: fields['cleaned'] === true,
    renewed: fields['renewed'] === true,
  };
}

const PHASES = ['creating', 'created', 'running', 'exited'] as const;

function phaseOf(value: unknown): ContainerState['phase'] | undefined {
  return PHASES.find((phase) => phase === value);
}

function identity(value: unknown): ProcessIdentity | undefined {
  const fields = record(value);
  return fields === undefined
    ? undefined
    : { pid: number_(fields['pid']), startTicks: number_(fields['startTicks']) };
}

function exit(value: unknown): ContainerExit | undefined {
  const fields = record(value);
  return fields === undefined
    ? undefined
    : {
        code: number_(fields['code']),
        oomKilled: fields['oomKilled'] === true,
        error: text_(fields['error']),
        at: number_(fields['at']),
      };
}

function record(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? { ...value } : undefined;
}

function number_(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function text_(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
