// On which nodes a global service should have its task.
import type { Node } from '../../shared/model/node.ts';
import type { Service } from '../../shared/model/service.ts';
import { placementAllows } from '../../shared/model/placement_allows.ts';
import { type Instance, mustLeave } from './instance.ts';

export interface NodeChoice {
  /** Instances on nodes that may keep theirs; `mayCreate` is false on paused nodes. */
  readonly keep: readonly { readonly instance: Instance; readonly mayCreate: boolean }[];
  /** Instances on nodes that are gone, drained, or not allowed by the constraints. */
  readonly drop: readonly Instance[];
  /** Ids of nodes that lack a task. */
  readonly missing: readonly string[];
}

/** Drained and lost nodes give their task up, paused ones keep it, active ready ones get one. */
export function chooseNodes(
  service: Service,
  instances: ReadonlyMap<string, Instance>,
  nodes: Iterable<Node>,
): NodeChoice {
  const keep: { instance: Instance; mayCreate: boolean }[] = [];
  const missing: string[] = [];
  const kept = new Set<string>();
  for (const node of nodes) {
    if (mustLeave(node) || !placementAllows(service.spec.task.placement, node)) {
      continue;
    }
    const active = node.spec.availability === 'active';
    const instance = instances.get(node.id);
    if (instance !== undefined) {
      kept.add(node.id);
      keep.push({ instance, mayCreate: active });
    } else if (active && node.status.state === 'ready') {
      missing.push(node.id);
    }
  }
  return { keep, drop: [...instances.values()].filter((instance) => !kept.has(instance.key)), missing };
}
