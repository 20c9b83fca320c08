// The fields of POST /containers/create that skein does not carry. Each is refused by its name when it is set to
// something that would change the container; left out, or set to its default, it says nothing.
import { notImplemented } from '../errors.ts';
import type { Fields } from './fields.ts';

const SHM_BYTES = 64 * 1024 * 1024;

const CONFIG: readonly string[] = ['Domainname', 'MacAddress', 'NetworkDisabled'];

const HOST_CONFIG: readonly string[] = [
  'VolumesFrom',
  'Links',
  'Privileged',
  'Devices',
  'DeviceCgroupRules',
  'DeviceRequests',
  'PidMode',
  'UTSMode',
  'UsernsMode',
  'CgroupnsMode',
  'Cgroup',
  'CgroupParent',
  'StorageOpt',
  'CpuShares',
  'CpuPeriod',
  'CpuQuota',
  'CpuRealtimePeriod',
  'CpuRealtimeRuntime',
  'CpusetCpus',
  'CpusetMems',
  'BlkioWeight',
  'BlkioWeightDevice',
  'BlkioDeviceReadBps',
  'BlkioDeviceWriteBps',
  'BlkioDeviceReadIOps',
  'BlkioDeviceWriteIOps',
  'MemoryReservation',
  'KernelMemory',
  'KernelMemoryTCP',
  'OomKillDisable',
  'Annotations',
];

/** Values besides the empty ones that are the default spelled out. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  IpcMode: ['private'],
  ShmSize: [SHM_BYTES],
  MemorySwappiness: [-1],
  Isolation: ['default'],
  VolumeDriver: ['local'],
  Runtime: ['runc', 'crun', 'io.containerd.runc.v2'],
};

/** @throws SkeinError `not-implemented` */
export function refuseUnservedConfig(json: Fields, host: Fields): void {
  for (const name of CONFIG) {
    if (!isEmpty(json.anything(name))) {
      throw notImplemented(`Config.${name}`);
    }
  }
  for (const name of HOST_CONFIG) {
    if (!isEmpty(host.anything(name))) {
      throw notImplemented(`HostConfig.${name}`);
    }
  }
  for (const [name, defaults] of Object.entries(DEFAULTS)) {
    const value = host.anything(name);
    if (!isEmpty(value) && !defaults.includes(value)) {
      throw notImplemented(`HostConfig.${name} ${JSON.stringify(value)}`);
    }
  }
  // An empty list would mean that nothing is hidden.
  for (const name of ['MaskedPaths', 'ReadonlyPaths']) {
    if (host.has(name)) {
      throw notImplemented(`HostConfig.${name}`);
    }
  }
}

/** Go's zero values, and lists and maps of nothing else. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) {
    return value.every(isEmpty);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.keys(value).length === 0;
  }
  return value === undefined || value === null || value === false || value === 0 || value === '';
}
