// Who this node is: its certificate, key and the roots it trusts, and the holder that lets a renewal or a
// root rotation replace them while servers and clients run. It knows no file and no network.
import type { Id } from '../model/meta.ts';
import type { NodeRole } from '../model/node.ts';

export interface Identity {
  readonly nodeId: Id;
  readonly clusterId: Id;
  /** Role that the certificate carries. */
  readonly role: NodeRole;
  /** PEM, leaf first, then intermediates. */
  readonly certificateChainPem: string;
  /** PKCS#8 PEM. */
  readonly keyPem: string;
  /** PEM of every trusted root: one, or two while the root is being rotated. */
  readonly rootPem: string;
}

/** The identity in use now; servers and clients ask it at every new connection. */
export class CurrentIdentity {
  private current: Identity;
  private readonly listeners = new Set<(identity: Identity) => void>();

  constructor(identity: Identity) {
    this.current = identity;
  }

  get(): Identity {
    return this.current;
  }

  /** Replaces the identity and tells every listener; existing connections stay. */
  set(identity: Identity): void {
    this.current = identity;
    for (const listener of this.listeners) {
      listener(identity);
    }
  }

  /** Told after each replacement; returns the unsubscriber. */
  onChange(listener: (identity: Identity) => void): () => void {
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
    };
  }
}
