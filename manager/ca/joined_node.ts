// The Node object that a certificate brings into the cluster: joining makes it, registering fills it.
import type { Id } from '../../shared/model/meta.ts';
import type { Node, NodeRole } from '../../shared/model/node.ts';
import type { IssuedCertificate } from './issue.ts';

/** The node as it stands until its agent registers. */
export function joinedNode(
  id: Id,
  role: NodeRole,
  availability: Node['spec']['availability'],
  address: string,
  issued: IssuedCertificate,
): Node {
  return {
    id,
    meta: { version: 0, createdAt: 0, updatedAt: 0 },
    spec: { name: '', labels: {}, desiredRole: role, membership: 'accepted', availability },
    role,
    status: { state: 'unknown', message: '', address },
    certificate: issued.facts,
  };
}
