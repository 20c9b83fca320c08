// For tests only: objects as the API answers them.
import type { Service, SwarmNode, Task } from '../client/types.ts';
import { NOW } from './fake_daemon.ts';

const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

export function node(hostname: string, leader = false): SwarmNode {
  return {
    ID: `${hostname}idabcdefghijklmnopqrst`.slice(0, 25),
    Version: { Index: 7 },
    CreatedAt: before(3600),
    UpdatedAt: before(60),
    Spec: { Role: 'manager', Availability: 'active', Labels: { zone: 'east' } },
    Description: {
      Hostname: hostname,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: 2e9, MemoryBytes: 2 * 1024 ** 3 },
      Engine: { EngineVersion: '0.1.0', Plugins: [{ Type: 'Network', Name: 'overlay' }] },
    },
    Status: { State: 'ready', Addr: '10.99.0.1' },
    ManagerStatus: { ...(leader && { Leader: true }), Reachability: 'reachable', Addr: '10.99.0.1:2377' },
  };
}

export function service(name: string, replicas = 3): Service {
  return {
    ID: `${name}idabcdefghijklmnopqrst`.slice(0, 25),
    Version: { Index: 11 },
    CreatedAt: before(600),
    UpdatedAt: before(600),
    Spec: {
      Name: name,
      Labels: { tier: 'front' },
      TaskTemplate: {
        ContainerSpec: { Image: `${name}:1@sha256:${'ab'.repeat(32)}`, Env: ['A=1', 'B=2'] },
        ForceUpdate: 0,
      },
      Mode: { Replicated: { Replicas: replicas } },
      EndpointSpec: {
        Mode: 'vip',
        Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }],
      },
    },
    Endpoint: {
      Spec: { Mode: 'vip' },
      Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 8080, PublishMode: 'ingress' }],
      VirtualIPs: [{ NetworkID: 'ingressid', Addr: '10.0.0.3/24' }],
    },
    ServiceStatus: { RunningTasks: 2, DesiredTasks: replicas, CompletedTasks: 0 },
  };
}

export function task(
  owner: Service,
  slot: number,
  state: string,
  more: Partial<Task> & { readonly error?: string; readonly age?: number } = {},
): Task {
  const { error, age = 5, ...fields } = more;
  return {
    ID: `task${slot}${state}abcdefghijklmnopqrstu`.slice(0, 25),
    Version: { Index: 20 },
    CreatedAt: before(age),
    UpdatedAt: before(age),
    Spec: owner.Spec.TaskTemplate,
    ServiceID: owner.ID,
    Slot: slot,
    NodeID: node(`h${slot}`).ID,
    Status: {
      Timestamp: before(age),
      State: state,
      Message: 'started',
      ...(error !== undefined && { Err: error }),
    },
    DesiredState: 'running',
    ...fields,
  };
}
