// For tests: real servers and clients over TLS on loopback, closed again after each test.
import { type Clock, systemClock } from '../../clock.ts';
import { CurrentIdentity, type Identity } from '../../identity/identity.ts';
import { type Logger, silentLogger } from '../../log.ts';
import { client } from '../client.ts';
import { RpcConnection, type RpcTarget } from '../connection.ts';
import type { Trust } from '../credentials.ts';
import { TlsListener } from '../listener_tls.ts';
import { RpcServer } from '../server.ts';
import { type Echo, echoMethods, echoService } from './echo.ts';

export interface RunningServer {
  readonly address: string;
  readonly current: CurrentIdentity;
  readonly listener: TlsListener;
  readonly revoked: Set<string>;
  readonly server: RpcServer;
}

export class Harness {
  private readonly cleanups: (() => Promise<void> | void)[] = [];

  async server(
    identity: Identity,
    service: Echo = echoService(),
    options: { readonly log?: Logger; readonly port?: number; readonly clock?: Clock } = {},
  ): Promise<RunningServer> {
    const current = new CurrentIdentity(identity);
    const revoked = new Set<string>();
    const shared = { clock: options.clock ?? systemClock, log: options.log ?? silentLogger };
    const listener = new TlsListener(
      { ...shared, identity: current, isRevoked: (nodeId) => revoked.has(nodeId) },
      { host: '127.0.0.1', port: options.port ?? 0 },
    );
    const server = new RpcServer({ ...shared, listener });
    server.serve(echoMethods, service);
    await server.start();
    this.cleanups.push(() => server.stop());
    return { address: listener.address, current, listener, revoked, server };
  }

  connect(target: RpcTarget): RpcConnection {
    const connection = new RpcConnection({ clock: systemClock }, { target });
    this.cleanups.push(() => connection.close());
    return connection;
  }

  /** An Echo client at the address with that trust. */
  echo(address: string, trust: Trust, options: { readonly forwardPeer?: boolean } = {}): Echo {
    return client(echoMethods, this.connect({ kind: 'tcp', address, trust }), options);
  }

  /** An Echo client that presents the identity. */
  member(address: string, identity: Identity): Echo {
    return this.echo(address, { kind: 'member', identity: new CurrentIdentity(identity) });
  }

  async close(): Promise<void> {
    for (const cleanup of this.cleanups.splice(0).reverse()) {
      await cleanup();
    }
  }
}
