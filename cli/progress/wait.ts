// Waits until a service has converged and stayed so for its monitor time, as the docker command does after
// create, update, scale and rollback.
import type { Service, SwarmNode, Task } from '../client/types.ts';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { type Display, makeDisplay } from './display.ts';
import { picture } from './updater.ts';

/** How often the tasks are asked for: docker's period. */
const POLL_MS = 200;
/** How long all must have run, where the update policy does not say: docker's default monitor. */
const DEFAULT_MONITOR_MS = 5_000;

export interface WaitOptions {
  readonly quiet: boolean;
  /** The user asked for the roll-back: its completion is success. */
  readonly rollbackAsked?: boolean;
}

/** @returns the exit code. @throws CliError when the update was paused */
export async function waitForService(
  context: Context,
  serviceId: string,
  options: WaitOptions,
): Promise<number> {
  return new Wait(context, serviceId, makeDisplay(context.stdout, options.quiet)).run(options);
}

class Wait {
  private readonly context: Context;
  private readonly serviceId: string;
  private readonly display: Display;
  private convergedAt: number | undefined;
  private rollingBack = false;
  private rolledBackMessage = '';

  constructor(context: Context, serviceId: string, display: Display) {
    this.context = context;
    this.serviceId = serviceId;
    this.display = display;
  }

  async run({ quiet, rollbackAsked = false }: WaitOptions): Promise<number> {
    const { context, serviceId } = this;
    const signal = context.interrupt.signal();
    // Ends by convergence, by a paused update, by a lost daemon, or by Ctrl-C: a service may wait for
    // resources for days, and docker waits with it.
    for (;;) {
      if (await this.look()) {
        return this.rolledBackMessage === '' || rollbackAsked ? 0 : this.failRollback();
      }
      await context.sleep(POLL_MS, signal);
      if (signal.aborted) {
        if (!quiet) {
          this.display.say(
            `Operation continuing in background.\nUse \`skein service ps ${serviceId}\` to check progress.`,
          );
        }
        return 0;
      }
    }
  }

  /** One look at the service and its tasks. @returns whether the wait is over */
  private async look(): Promise<boolean> {
    const { api } = this.context;
    const service = await api.get<Service>(`/services/${this.serviceId}`);
    this.checkUpdate(service);
    const [tasks, nodes] = await Promise.all([
      api.get<readonly Task[]>('/tasks', {
        filters: { service: [service.ID], '_up-to-date': ['true'] },
      }),
      service.Spec.Mode?.Replicated === undefined ? api.get<readonly SwarmNode[]>('/nodes') : [],
    ]);
    const now = this.context.now();
    const seen = picture(service, tasks, nodes, this.rollingBack);
    const busy = ['updating', 'rollback_started'].includes(service.UpdateStatus?.State ?? '');
    return this.judge(seen, seen.converged && !busy, now, monitorMs(service));
  }

  private judge(seen: ReturnType<typeof picture>, converged: boolean, now: number, monitor: number): boolean {
    if (!converged) {
      const failed = this.convergedAt !== undefined;
      this.convergedAt = undefined;
      this.display.show(seen, failed ? 'Detected task failure' : undefined);
      return false;
    }
    this.convergedAt ??= now;
    const left = this.convergedAt + monitor - now;
    if (left <= 0) {
      this.display.show(seen, 'Service converged');
      return true;
    }
    this.display.show(seen, `Waiting ${Math.ceil(left / 1000)} seconds to verify that tasks are stable...`);
    return false;
  }

  private checkUpdate(service: Service): void {
    const { State: state, Message: message = '' } = service.UpdateStatus ?? {};
    switch (state) {
      case 'paused':
        throw new CliError(`service update paused: ${message}`);
      case 'rollback_paused':
        throw new CliError(`service rollback paused: ${message}`);
      case 'rollback_started':
        if (!this.rollingBack && message !== '') {
          this.display.say(`rollback: ${message}`);
        }
        this.rollingBack = true;
        this.convergedAt = undefined;
        break;
      case 'rollback_completed':
        if (this.rollingBack) {
          this.rolledBackMessage = message || 'update rolled back';
        }
        break;
      default:
    }
  }

  private failRollback(): number {
    throw new CliError(`service rolled back: ${this.rolledBackMessage}`);
  }
}

function monitorMs(service: Service): number {
  const nanoseconds = service.Spec.UpdateConfig?.Monitor ?? 0;
  return nanoseconds === 0 ? DEFAULT_MONITOR_MS : nanoseconds / 1e6;
}
