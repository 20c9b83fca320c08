// Which nodes a service's placement constraints allow. Parsed constraints are remembered per spec,
// because specs are frozen and the same one is asked about for every node.
import { nodeMatches, parseConstraints } from './constraint.ts';
import type { Node } from './node.ts';
import type { Placement } from './service.ts';

type Parsed = ReturnType<typeof parseConstraints>;

const parsed = new WeakMap<readonly string[], Parsed>();

/** True when the node satisfies every constraint; no placement allows every node. */
export function placementAllows(placement: Placement | undefined, node: Node): boolean {
  if (placement === undefined || placement.constraints.length === 0) {
    return true;
  }
  let constraints = parsed.get(placement.constraints);
  if (constraints === undefined) {
    constraints = parseConstraints(placement.constraints);
    parsed.set(placement.constraints, constraints);
  }
  return nodeMatches(constraints, node);
}
