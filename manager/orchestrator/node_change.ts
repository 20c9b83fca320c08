// Which changes of a node can change where tasks should run; the rest (times, addresses, messages) wakes nobody.
import type { Node } from '../../shared/model/node.ts';
import { same } from '../../shared/model/same.ts';

/** True when state, availability, role, labels or what the node said of itself differ. */
export function matters(before: Node, after: Node): boolean {
  return (
    before.status.state !== after.status.state ||
    before.status.address !== after.status.address ||
    before.role !== after.role ||
    !same(before.spec, after.spec) ||
    !same(before.description, after.description)
  );
}
