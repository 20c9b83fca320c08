// deploy/lab.sh as typed functions: hosts h1, h2, … on namespaces of this machine, or with SKEIN_LAB_KIND=vm
// deploy/lab-vm.sh: virtual machines. Name and subnet come from SKEIN_LAB and SKEIN_LAB_SUBNET, so that two labs
// can stand side by side.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type CommandOptions, type CommandResult, run } from './command.ts';

export type Host = `h${number}`;

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const isVirtual = process.env['SKEIN_LAB_KIND'] === 'vm';
const SCRIPT = `${ROOT}deploy/${isVirtual ? 'lab-vm' : 'lab'}.sh`;
const UP_TIMEOUT_MS = isVirtual ? 420_000 : 90_000;

export const labName = process.env['SKEIN_LAB'] ?? 'skein';
export const subnet = process.env['SKEIN_LAB_SUBNET'] ?? (isVirtual ? '10.97.0' : '10.99.0');
const directoryName = `${labName}-lab${isVirtual ? '-vm' : ''}`;
export const projectRoot = ROOT;
export const clientAddress = `${subnet}.250`;
/** This machine's own address on the lab's switch. */
export const machineAddress = `${subnet}.254`;

export function addressOf(host: Host): string {
  return `${subnet}.${host.slice(1)}`;
}
/** What the host has besides: deploy/lab.sh derives the same. */
export function address6Of(host: Host | 'client'): string {
  const [a = 0, b = 0, c = 0] = subnet.split('.').map(Number);
  const last = host === 'client' ? 250 : Number(host.slice(1));
  const hex = (value: number): string => value.toString(16);
  const { hostname } = new URL(`http://[fd${hex(a).padStart(2, '0')}:${hex(b)}:${hex(c)}::${hex(last)}]`);
  return hostname.slice(1, -1);
}
export function stateOf(host: Host): string {
  return `/var/lib/${directoryName}/${host}`;
}
export function runDirectoryOf(host: Host): string {
  return `/run/${directoryName}/${host}`;
}
export function socketOf(host: Host): string {
  return `${runDirectoryOf(host)}/skein.sock`;
}
/** Of a task or network on a host: its network namespace, as commands on that host name it. */
export function taskNamespaceOf(host: Host, name: string): string {
  return `${isVirtual ? '/run/skein' : runDirectoryOf(host)}/netns/${name}`;
}
export function namespaceOf(host: Host | 'client'): string {
  return `/run/netns/${labName}-${isVirtual ? 'vm-' : ''}${host}`;
}

function script(args: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  return run(SCRIPT, args, { timeoutMs: UP_TIMEOUT_MS, ...options });
}

export const lab = {
  up: (hosts: number, env: Readonly<Record<string, string>> = {}) => script(['up', String(hosts)], { env }),
  down: () => script(['down']),
  exec: (host: Host | 'client', command: readonly string[], options?: CommandOptions) =>
    script(['exec', host, ...command], options),
  kill: (host: Host) => script(['kill', host]),
  boot: (host: Host) => script(['boot', host]),
  stop: (host: Host, how: { readonly hard?: boolean } = {}) =>
    script(['stop', host, ...(how.hard === true ? ['--hard'] : [])]),
  start: (host: Host, env: Readonly<Record<string, string>> = {}) => script(['start', host], { env }),
  /** Machines only: an orderly end, and up again. */
  reboot: (host: Host) => script(['reboot', host]),
  cut: (a: Host, b: Host) => script(['cut', a, b]),
  /** No packet from the first reaches the second; the other way is open. */
  cutOneWay: (from: Host, to: Host) => script(['cut', from, to, '--one-way']),
  /** Of the packets that reach the host so many in a hundred are lost, until `heal`. */
  lose: (host: Host, percent: number) => script(['loss', host, String(percent)]),
  /** Gives the host another address of the lab's subnet and restarts its daemon. */
  move: (host: Host, address: string) => script(['move', host, address]),
  heal: () => script(['heal']),
};

/** The daemon's log, as the objects it wrote; for the dump at a failure and for tests of what is logged. */
export async function logOf(host: Host): Promise<readonly string[]> {
  const text = isVirtual
    ? (await script(['logs', host, '-n', '+1'], { mayFail: true })).stdout
    : await readFile(`${stateOf(host)}/skeind.log`, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line !== '');
}

export async function daemonPid(host: Host): Promise<number> {
  return Number(await readFile(`${runDirectoryOf(host)}/skeind.pid`, 'utf8'));
}
