// skein info: the daemon, its host and its place in the swarm.
import type { Info } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { formatDuration } from '../flags/duration.ts';
import { SHORT_OBJECT_FORMAT, objectPrinter } from '../format/object.ts';
import { binarySize } from '../format/units.ts';
import { SKEIN_VERSION } from '../version.ts';

export const command = defineCommand({
  usage: 'info [OPTIONS]',
  summary: 'Display system-wide information',
  examples: [
    ['info', 'show the daemon, its host and its swarm'],
    [`info --format '{{.Swarm.LocalNodeState}}'`, 'print one field'],
  ],
  flags: { format: SHORT_OBJECT_FORMAT },
  args: { min: 0, max: 0 },
  async run({ api, stdout }, { flags }) {
    const info = await api.get<Info>('/info');
    if (flags.format !== undefined) {
      objectPrinter(stdout, flags.format)(info);
      return 0;
    }
    stdout.write(
      ['Client:', ` Version:    ${SKEIN_VERSION}`, '', 'Server:', ...serverLines(info), ''].join('\n'),
    );
    return 0;
  },
});

function serverLines(info: Info): string[] {
  const field = (title: string, name: string) =>
    info[name] === undefined || info[name] === '' ? [] : [` ${title}: ${String(info[name])}`];
  const memory = info['MemTotal'];
  return [
    ...field('Containers', 'Containers'),
    ...field(' Running', 'ContainersRunning'),
    ...field(' Paused', 'ContainersPaused'),
    ...field(' Stopped', 'ContainersStopped'),
    ...field('Images', 'Images'),
    ...field('Server Version', 'ServerVersion'),
    ...field('Storage Driver', 'Driver'),
    ...pairs(info['DriverStatus']),
    ...field('Logging Driver', 'LoggingDriver'),
    ...field('Cgroup Driver', 'CgroupDriver'),
    ...field('Cgroup Version', 'CgroupVersion'),
    ...swarmLines(info.Swarm ?? {}),
    ...field('Default Runtime', 'DefaultRuntime'),
    ...field('Kernel Version', 'KernelVersion'),
    ...field('Operating System', 'OperatingSystem'),
    ...field('OSType', 'OSType'),
    ...field('Architecture', 'Architecture'),
    ...field('CPUs', 'NCPU'),
    ...(typeof memory === 'number' ? [` Total Memory: ${binarySize(memory)}`] : []),
    ...field('Name', 'Name'),
    ...field('ID', 'ID'),
    ...field('Docker Root Dir', 'DockerRootDir'),
    ...field('Live Restore Enabled', 'LiveRestoreEnabled'),
    ...(Array.isArray(info['Warnings']) ? info['Warnings'].map((warning) => ` ${String(warning)}`) : []),
  ];
}

function pairs(value: unknown): string[] {
  return Array.isArray(value)
    ? value.map((pair) => `  ${(Array.isArray(pair) ? pair : [pair]).join(': ')}`)
    : [];
}

function swarmLines(swarm: NonNullable<Info['Swarm']>): string[] {
  const { LocalNodeState: state = 'inactive', Cluster: cluster } = swarm;
  const lines = [` Swarm: ${state}`];
  if (state === 'inactive' || state === 'locked') {
    return lines;
  }
  lines.push(`  NodeID: ${swarm.NodeID ?? ''}`);
  if ((swarm.Error ?? '') !== '') {
    lines.push(`  Error: ${swarm.Error}`);
  }
  lines.push(`  Is Manager: ${swarm.ControlAvailable === true}`);
  if (cluster !== undefined) {
    const { Spec: spec } = cluster;
    lines.push(
      `  ClusterID: ${cluster.ID}`,
      `  Managers: ${swarm.Managers ?? 0}`,
      `  Nodes: ${swarm.Nodes ?? 0}`,
      `  Default Address Pool: ${(cluster.DefaultAddrPool ?? []).join('  ')}`,
      `  SubnetSize: ${cluster.SubnetSize ?? 0}`,
      `  Data Path Port: ${cluster.DataPathPort ?? 0}`,
      '  Orchestration:',
      `   Task History Retention Limit: ${spec.Orchestration?.TaskHistoryRetentionLimit ?? 0}`,
      '  Raft:',
      `   Snapshot Interval: ${spec.Raft?.['SnapshotInterval'] ?? 0}`,
      `   Number of Old Snapshots to Retain: ${spec.Raft?.['KeepOldSnapshots'] ?? 0}`,
      '  Dispatcher:',
      `   Heartbeat Period: ${formatDuration(spec.Dispatcher?.HeartbeatPeriod ?? 0)}`,
      '  CA Configuration:',
      `   Expiry Duration: ${formatDuration(spec.CAConfig?.NodeCertExpiry ?? 0)}`,
    );
  }
  lines.push(`  Node Address: ${swarm.NodeAddr ?? ''}`);
  const managers = swarm.RemoteManagers ?? [];
  return managers.length === 0
    ? lines
    : [...lines, '  Manager Addresses:', ...managers.map((manager) => `   ${manager.Addr}`).sort()];
}
