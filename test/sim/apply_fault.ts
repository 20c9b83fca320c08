// How each fault is done to the cluster, and undone when its time is over.

import type { Fault } from './faults.ts';
import type { Fleet } from './fleet.ts';
import type { Host } from './host.ts';
import { FAIR_WEATHER, type Network } from './network.ts';
import type { Operator } from './operator.ts';
import type { Scope, World } from './world.ts';

export interface FaultHost {
  readonly world: World;
  readonly network: Network;
  readonly fleet: Fleet;
  readonly operator: Operator;
  readonly harness: Scope;
}

export function applyFault(on: FaultHost, fault: Fault): void {
  const { operator } = on;
  const { hosts } = on.fleet;
  const host = hosts[fault.who % hosts.length];
  const managers = hosts.filter(({ role }) => role === 'manager');
  const manager = managers[fault.who % Math.max(1, managers.length)];
  const other = hosts[fault.other % hosts.length];
  if (host === undefined || other === undefined || manager === undefined) {
    return;
  }
  switch (fault.kind) {
    case 'power-loss':
      losePower(on, host, fault.forMs);
      return;
    case 'all-power-loss':
      for (const each of hosts) {
        losePower(on, each, fault.forMs);
      }
      return;
    case 'leader-dies':
      losePower(on, on.fleet.leader() ?? manager, fault.forMs);
      return;
    case 'kill-manager':
      manager.killManager('killed');
      later(on, Math.min(fault.forMs, 1_000), () => manager.supervise());
      return;
    case 'kill-agent':
      host.killAgent('killed');
      later(on, Math.min(fault.forMs, 1_000), () => host.supervise());
      return;
    case 'pause':
      host.pause(on.world.now + fault.forMs);
      return;
    case 'partition':
      partition(on, fault);
      return;
    case 'one-way':
      cutFor(on, [[host.place, other.place]], fault.forMs);
      return;
    case 'isolate':
      isolate(on, host, fault.forMs);
      return;
    case 'leader-cut':
      isolate(on, on.fleet.leader() ?? manager, fault.forMs);
      return;
    case 'leader-pauses':
      (on.fleet.leader() ?? manager).pause(on.world.now + fault.forMs);
      return;
    case 'weather':
      Object.assign(on.network.weather, {
        loss: 0.3 * fault.amount,
        doubled: 0.2 * fault.amount,
        jitterMs: 1 + 150 * fault.amount * fault.amount,
      });
      later(on, fault.forMs, () => Object.assign(on.network.weather, FAIR_WEATHER));
      return;
    case 'slow-disk':
      host.disk.faults.slowness = 1 + 200 * fault.amount;
      later(on, fault.forMs, () => (host.disk.faults.slowness = 1));
      return;
    case 'sync-fails':
      manager.disk.faults.failSync = true;
      return;
    case 'disk-full':
      manager.disk.faults.full = true;
      later(on, fault.forMs, () => (manager.disk.faults.full = false));
      return;
    case 'clock-jump':
      host.time.wallOffsetMs += Math.round((fault.amount - 0.5) * 120_000);
      return;
    case 'transfer':
      on.fleet
        .leader()
        ?.manager?.raft?.transferLeadership()
        .catch(() => undefined);
      return;
    case 'promote':
      // Also one whose demotion is not finished: it has to join anew.
      operator.setNode(
        hosts.find(({ nodeId }) => isToBeWorker(on, nodeId)),
        { desiredRole: 'manager' },
      );
      return;
    case 'demote':
      operator.setNode(manager, { desiredRole: 'worker' });
      return;
    case 'drain':
      operator.setNode(host, { availability: 'drain' });
      later(on, fault.forMs, () => operator.setNode(host, { availability: 'active' }));
      return;
    case 'machine-lost':
      operator.replace(fault.other % 3 === 0 ? (on.fleet.leader() ?? host) : host, fault.amount < 0.5);
      return;
    case 'machine-added':
      operator.extend(fault.amount < 0.6 ? 'manager' : 'worker');
      return;
    case 'task-exits': {
      const tasks = host.containers.running();
      const task = tasks[fault.other % Math.max(1, tasks.length)];
      if (task !== undefined) {
        host.agent?.executor.exit(task.id, fault.amount < 0.5 ? 1 : 0);
      }
      return;
    }
    case 'tasks-fail':
      host.containers.failures = 0.5 * fault.amount;
      later(on, fault.forMs, () => (host.containers.failures = 0));
      return;
  }
}

function later(on: FaultHost, delayMs: number, undo: () => void): void {
  on.world.schedule(on.harness, delayMs, undo);
}

function losePower(on: FaultHost, host: Host, forMs: number): void {
  if (!host.down) {
    host.powerLoss();
    later(on, forMs, () => {
      host.down = false;
      host.supervise();
    });
  }
}

/** Machines fall into two sets by the bits of a number; one in four is cut one way only. */
function partition(on: FaultHost, fault: Fault): void {
  const bits = fault.who * 64 + fault.other;
  const side = (host: Host) => (bits >> (host.place % 12)) & 1;
  const cuts = on.fleet.hosts.flatMap((from) =>
    on.fleet.hosts
      .filter((to) => side(from) !== side(to) && (fault.amount > 0.25 || side(from) === 0))
      .map((to) => [from.place, to.place] as const),
  );
  cutFor(on, cuts, fault.forMs);
}

function isolate(on: FaultHost, host: Host, forMs: number): void {
  const both = on.fleet.hosts.flatMap(({ place }) => [
    [host.place, place] as const,
    [place, host.place] as const,
  ]);
  cutFor(on, both, forMs);
}

function cutFor(on: FaultHost, cuts: readonly (readonly [number, number])[], forMs: number): void {
  const real = cuts.filter(([from, to]) => from !== to);
  for (const [from, to] of real) {
    on.network.cut(from, to);
  }
  later(on, forMs, () => {
    for (const [from, to] of real) {
      on.network.mend(from, to);
    }
  });
}

function isToBeWorker(on: FaultHost, nodeId: string): boolean {
  return on.fleet.leader()?.manager?.parts.store.view.get('node', nodeId)?.spec.desiredRole === 'worker';
}
