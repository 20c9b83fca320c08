// Which role a renewing node gets: the decision by which promotions and demotions take effect. Pure.
import type { Node, NodeRole } from '../../shared/model/node.ts';

export type RoleDecision =
  | { readonly kind: 'issue'; readonly role: NodeRole }
  /** A member of raft must not lose its manager certificate: it has to leave raft first. */
  | { readonly kind: 'wait' };

/** Part of a certificate's life after which a renewal is about its age, not about a role. */
const AGEING = 0.5;

/** @param now epoch milliseconds. */
export function decideRole(node: Node, now: number): RoleDecision {
  const { desiredRole } = node.spec;
  if (desiredRole === 'manager' || node.managerStatus === undefined) {
    return { kind: 'issue', role: desiredRole };
  }
  const { issuedAt, expiresAt } = node.certificate;
  const old = now > issuedAt + (expiresAt - issuedAt) * AGEING;
  return old ? { kind: 'issue', role: 'manager' } : { kind: 'wait' };
}
