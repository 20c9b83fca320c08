// The agent's connections to managers: one an address, kept while the agent may go back to it.
import type { Clock } from '../shared/clock.ts';
import type { CurrentIdentity } from '../shared/identity/identity.ts';
import type { DispatcherService } from '../shared/protocol/dispatcher.ts';
import type { LogService } from '../shared/protocol/logs.ts';
import { client } from '../shared/rpc/client.ts';
import { RpcConnection } from '../shared/rpc/connection.ts';
import { dispatcherMethods } from '../shared/wire/methods/dispatcher.ts';
import { logMethods } from '../shared/wire/methods/logs.ts';
import type { ManagerDialer } from '../worker/agent/agent.ts';

/** More managers than a cluster should have, and the addresses of some that moved. */
const MAX_CONNECTIONS = 16;

export class ManagerConnections implements ManagerDialer {
  private readonly dependencies: { readonly clock: Clock; readonly identity: CurrentIdentity };
  private readonly connections = new Map<string, RpcConnection>();

  constructor(dependencies: { readonly clock: Clock; readonly identity: CurrentIdentity }) {
    this.dependencies = dependencies;
  }

  dispatcher(address: string): DispatcherService {
    return client(dispatcherMethods, this.get(address));
  }

  logs(address: string): LogService {
    return client(logMethods, this.get(address));
  }

  close(): void {
    for (const connection of this.connections.values()) {
      connection.close();
    }
    this.connections.clear();
  }

  private get(address: string): RpcConnection {
    const known = this.connections.get(address);
    if (known !== undefined) {
      return known;
    }
    const [oldest] = this.connections;
    if (oldest !== undefined && this.connections.size >= MAX_CONNECTIONS) {
      oldest[1].close();
      this.connections.delete(oldest[0]);
    }
    const { clock, identity } = this.dependencies;
    const connection = new RpcConnection(
      { clock },
      { target: { kind: 'tcp', address, trust: { kind: 'member', identity } } },
    );
    this.connections.set(address, connection);
    return connection;
  }
}
