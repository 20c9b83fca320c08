// Listens on a unix socket of mode 0600: who can open it is this node's own daemon. It knows no TLS.
import { chmod, rename, rm } from 'node:fs/promises';
import { type Server, type Socket, connect, createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { SkeinError } from '../errors.ts';
import type { Peer } from '../protocol/peer.ts';
import { MAX_CONNECTIONS } from './limits.ts';
import { listenError } from './listen_error.ts';
import type { RpcListener } from './listener.ts';

const SOCKET_MODE = 0o600;
/** All connections are the same caller's. */
const LOCAL_KEY = '';

export class UnixListener implements RpcListener {
  readonly isLocal = true;
  private readonly path: string;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  /** @param options.path at most 100 bytes, the kernel's limit less a suffix; its directory must exist. */
  constructor(_dependencies: Readonly<Record<string, never>>, options: { readonly path: string }) {
    this.path = options.path;
  }

  get address(): string {
    return this.path;
  }

  /** A socket left by a killed process is replaced; one that still answers is an error. */
  async start(accept: (socket: Duplex, key: string) => void): Promise<void> {
    if (await answers(this.path)) {
      throw new SkeinError(
        'conflict',
        'address-in-use',
        `another process already serves ${this.path}: stop it first`,
      );
    }
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      accept(socket, LOCAL_KEY);
    });
    server.maxConnections = MAX_CONNECTIONS;
    // Bound under another name, so that the socket never stands under its own with a wider mode.
    const temporary = `${this.path}.new`;
    await rm(temporary, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(listenError(this.path, error)));
      server.listen(temporary, resolve);
    });
    this.server = server;
    await chmod(temporary, SOCKET_MODE);
    await rename(temporary, this.path);
  }

  async stop(): Promise<void> {
    const server = this.server;
    if (server === undefined) {
      return;
    }
    this.server = undefined;
    server.close();
    await rm(this.path, { force: true });
  }

  closeConnections(): void {
    for (const socket of this.sockets) {
      socket.destroy();
    }
  }

  authenticate(): Peer {
    return { kind: 'local' };
  }
}

/** Whether a process accepts connections on that socket. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
