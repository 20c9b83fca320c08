// The orchestrator as one thing to start on the leader and stop with it: the service loop (replicated and
// global services, restarts, updates), the constraint enforcer and the task reaper. They meet in the store.
import type { Startable } from '../../shared/lifecycle.ts';
import { ConstraintEnforcer } from './constraint_enforcer.ts';
import { type LoopDependencies, ServiceLoop } from './service_loop.ts';
import { TaskReaper } from './task_reaper.ts';

export type OrchestratorDependencies = LoopDependencies;

export class Orchestrator implements Startable {
  private readonly parts: readonly Startable[];

  constructor(dependencies: OrchestratorDependencies) {
    const of = (loop: string): LoopDependencies => ({
      ...dependencies,
      log: dependencies.log.child({ loop }),
    });
    this.parts = [
      new ServiceLoop(of('services')),
      new ConstraintEnforcer(of('constraint-enforcer')),
      new TaskReaper(of('task-reaper')),
    ];
  }

  async start(): Promise<void> {
    for (const part of this.parts) {
      await part.start();
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.stop()));
  }
}
