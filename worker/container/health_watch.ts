// The health of one container while it runs: probes by its image's or its own check, the newest word kept.
import { errorMessage } from '../../shared/errors.ts';
import { type HealthPlan, type HealthStatus, healthPlan } from '../runtime/health.ts';
import { type HealthDependencies, monitorHealth } from '../runtime/health_monitor.ts';
import type { ImageStore } from '../image/api.ts';
import type { ContainerRecord } from './api.ts';

export type HealthWatchDependencies = HealthDependencies & { readonly images: Pick<ImageStore, 'find'> };

export class HealthWatch {
  private readonly on: HealthWatchDependencies;
  private probing = new AbortController();
  private current: HealthStatus | undefined;

  constructor(dependencies: HealthWatchDependencies) {
    this.on = dependencies;
  }

  /** Undefined: the container has no check. */
  get status(): HealthStatus | undefined {
    return this.current;
  }

  /** The container runs. */
  start(record: ContainerRecord): void {
    this.stop();
    this.probing = new AbortController();
    const image = this.on.images.find(record.imageId);
    const plan = healthPlan(record.config.spec.healthcheck, image?.config.healthcheck);
    this.current = plan === undefined ? undefined : 'starting';
    if (plan !== undefined) {
      this.watch(record, plan, this.probing.signal);
    }
  }

  stop(): void {
    this.probing.abort();
  }

  private watch({ id, startedAt }: ContainerRecord, plan: HealthPlan, signal: AbortSignal): void {
    const onChange = (status: HealthStatus): void => {
      this.current = status;
    };
    monitorHealth(this.on, id, plan, startedAt, onChange, signal).catch((error: unknown) =>
      this.on.logger.warn({ container: id, error: errorMessage(error) }, 'health probes ended'),
    );
  }
}
