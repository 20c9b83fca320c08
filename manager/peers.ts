// Connections to the other managers, one for each address and node, made when first asked for and dropped
// when the node is no member any more.
import type { Clock } from '../shared/clock.ts';
import type { CurrentIdentity } from '../shared/identity/identity.ts';
import type { Id } from '../shared/model/meta.ts';
import { RpcConnection } from '../shared/rpc/connection.ts';

export interface PeerConnectionsDependencies {
  readonly clock: Clock;
  readonly identity: CurrentIdentity;
}

/** More managers than a raft group should ever have, and the addresses of those that moved. */
const MAX_CONNECTIONS = 64;

export class PeerConnections {
  private readonly dependencies: PeerConnectionsDependencies;
  private readonly connections = new Map<string, RpcConnection>();

  constructor(dependencies: PeerConnectionsDependencies) {
    this.dependencies = dependencies;
  }

  /** @param nodeId what the other's certificate must say; empty for any manager of the cluster */
  get(address: string, nodeId: Id): RpcConnection {
    const key = `${address} ${nodeId}`;
    const known = this.connections.get(key);
    if (known !== undefined) {
      return known;
    }
    this.dropOldest();
    const connection = this.open(address, nodeId);
    this.connections.set(key, connection);
    return connection;
  }

  /** As `get`, but a new connection, which the caller closes. */
  open(address: string, nodeId: Id): RpcConnection {
    const { clock, identity } = this.dependencies;
    const trust = { kind: 'member', identity, ...(nodeId !== '' && { nodeId }) } as const;
    return new RpcConnection({ clock }, { target: { kind: 'tcp', address, trust } });
  }

  close(): void {
    for (const connection of this.connections.values()) {
      connection.close();
    }
    this.connections.clear();
  }

  private dropOldest(): void {
    const [oldest] = this.connections;
    if (this.connections.size >= MAX_CONNECTIONS && oldest !== undefined) {
      oldest[1].close();
      this.connections.delete(oldest[0]);
    }
  }
}
