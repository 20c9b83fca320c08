// A task and a node as tests need them; every field can be set.
import type { NodeDescription } from '../../../shared/model/node.ts';
import type { Task } from '../../../shared/model/task.ts';
import { EMPTY_SPEC } from '../../runtime/test/busybox.ts';

export function sampleTask(id: string, change: Partial<Task> = {}): Task {
  return {
    id,
    meta: { version: 1, createdAt: 1, updatedAt: 1 },
    name: `web.1.${id}`,
    labels: {},
    serviceId: 'service00000000000000000a'.padEnd(25, '0'),
    serviceName: 'web',
    slot: 1,
    nodeId: 'node0000000000000000000001',
    spec: { container: EMPTY_SPEC, networks: [], forceUpdate: 0 },
    specVersion: 1,
    desiredState: 'running',
    status: { state: 'assigned', timestamp: 1, message: '', error: '', ports: [] },
    networks: [],
    ...change,
  };
}

/** A command for `sh`. */
export function shellTask(id: string, script: string, change: Partial<Task> = {}): Task {
  const task = sampleTask(id, change);
  const container = { ...task.spec.container, command: ['/bin/sh', '-c', script] };
  return { ...task, spec: { ...task.spec, container: { ...container, stopGracePeriodMs: 200 } } };
}

export const SAMPLE_DESCRIPTION: NodeDescription = {
  hostname: 'h1',
  platform: { architecture: 'x86_64', os: 'linux' },
  resources: { nanoCpus: 2e9, memoryBytes: 1e9, generic: [] },
  engine: { version: 'test', labels: {}, plugins: [] },
  trustRootPem: '',
};

/** A task id made from a number. */
export function taskId(number: number): string {
  return `task${number}`.padEnd(25, '0');
}
