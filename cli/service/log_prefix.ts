// The words before each line of service logs: which task on which node wrote it, from the details that the
// daemon puts before the line (`com.docker.swarm.node.id=…,com.docker.swarm.task.id=… text`).
import { ApiError, type Client } from '../client/client.ts';
import type { Service, Task } from '../client/types.ts';
import { shortId } from '../format/units.ts';
import { Names } from '../task/names.ts';

export interface PrefixOptions {
  readonly noResolve: boolean;
  readonly noTaskIds: boolean;
  readonly noTrunc: boolean;
}

export interface Details {
  readonly nodeId: string;
  readonly serviceId: string;
  readonly taskId: string;
  /** The other details, as the daemon wrote them. */
  readonly rest: string;
}

const PREFIX = 'com.docker.swarm.';

/** The details at the head of a line, and the line without them. */
export function splitDetails(line: string): { readonly details: Details; readonly text: string } {
  const cut = line.indexOf(' ');
  const head = cut === -1 ? line : line.slice(0, cut);
  const pairs = head.split(',').map((pair) => {
    const [key = '', value = ''] = pair.split('=');
    return [decode(key), decode(value), pair] as const;
  });
  const find = (name: string) => pairs.find(([key]) => key === `${PREFIX}${name}`)?.[1] ?? '';
  return {
    details: {
      nodeId: find('node.id'),
      serviceId: find('service.id'),
      taskId: find('task.id'),
      rest: pairs
        .filter(([key]) => !key.startsWith(PREFIX))
        .map(([, , pair]) => pair)
        .join(','),
    },
    text: cut === -1 ? '' : line.slice(cut + 1),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

export class LogPrefix {
  private readonly api: Client;
  private readonly options: PrefixOptions;
  private readonly names: Names;
  private readonly slots = new Map<string, Promise<string>>();
  /** Digits of the highest slot, so that names align. */
  private readonly slotDigits: number;

  constructor(api: Client, options: PrefixOptions, slotDigits: number) {
    this.api = api;
    this.options = options;
    this.names = new Names(api, options);
    this.slotDigits = slotDigits;
  }

  /** `web.2.x7k…@h3    | `, padded where slots have fewer digits than others. */
  async of({ nodeId, serviceId, taskId }: Details): Promise<string> {
    const [service, node, slot] = await Promise.all([
      this.names.service(serviceId),
      this.names.node(nodeId),
      this.slot(taskId, nodeId),
    ]);
    const id = this.options.noTrunc ? taskId : shortId(taskId);
    const name = this.options.noTaskIds ? `${service}.${slot}` : `${service}.${slot}.${id}`;
    const padding = ' '.repeat(Math.max(0, this.slotDigits - slot.length));
    return `${name}@${node}${padding}    | `;
  }

  private slot(taskId: string, nodeId: string): Promise<string> {
    const known = this.slots.get(taskId) ?? this.askSlot(taskId, nodeId);
    this.slots.set(taskId, known);
    return known;
  }

  private async askSlot(taskId: string, nodeId: string): Promise<string> {
    try {
      const task = await this.api.get<Task>(`/tasks/${taskId}`);
      return (task.Slot ?? 0) > 0 ? String(task.Slot) : nodeId;
    } catch (error) {
      // A task that has been reaped since still has lines in the log.
      if (error instanceof ApiError) {
        return '?';
      }
      throw error;
    }
  }
}

export function slotDigits(service: Service | undefined): number {
  return String(service?.Spec.Mode?.Replicated?.Replicas ?? 1).length;
}
