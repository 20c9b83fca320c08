// Host-mode ports of this node's tasks: who holds which, and free ones on request. A port that a process
// of the host listens on is refused, found out by binding it for a moment.
import { closeSync } from 'node:fs';
import { SkeinError } from '../../../shared/errors.ts';
import type { PortConfig } from '../../../shared/model/endpoint.ts';
import type { Id } from '../../../shared/model/meta.ts';
import { hasErrno } from '../../kernel/errors.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { openSocket } from '../../kernel/socket.ts';
import { hostPortTaken } from '../errors.ts';

/** Kernel default range of ephemeral ports begins here; Docker takes free host ports from it too. */
const FIRST_FREE = 32_768;
const LAST_FREE = 60_999;

export class HostPorts {
  private readonly namespace: NamespaceRef;
  private readonly anyAddresses: readonly string[];
  private readonly holders = new Map<string, Id>();

  constructor(namespace: NamespaceRef, hasIpv6: boolean) {
    this.namespace = namespace;
    this.anyAddresses = hasIpv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];
  }

  /** All or none. @throws SkeinError `host-port-taken`, or `host-ports-exhausted` */
  claim(taskId: Id, ports: readonly PortConfig[]): PortConfig[] {
    try {
      return ports.map((port) => this.claimOne(taskId, port));
    } catch (error) {
      this.release(taskId);
      throw error;
    }
  }

  adopt(taskId: Id, ports: readonly PortConfig[]): void {
    for (const { protocol, published } of ports) {
      this.holders.set(`${protocol} ${published}`, taskId);
    }
  }

  release(taskId: Id): void {
    for (const [key, holder] of this.holders) {
      if (holder === taskId) {
        this.holders.delete(key);
      }
    }
  }

  private claimOne(taskId: Id, port: PortConfig): PortConfig {
    const published = port.published === 0 ? this.findFree(port.protocol) : port.published;
    const holder = this.holders.get(`${port.protocol} ${published}`);
    if (holder !== undefined && holder !== taskId) {
      throw hostPortTaken(port.protocol, published, `task ${holder}`);
    }
    if (!this.isFreeOnHost(port.protocol, published)) {
      throw hostPortTaken(port.protocol, published, 'a process of the host');
    }
    this.holders.set(`${port.protocol} ${published}`, taskId);
    return { ...port, published };
  }

  private findFree(protocol: PortConfig['protocol']): number {
    for (let port = FIRST_FREE; port <= LAST_FREE; port += 1) {
      if (!this.holders.has(`${protocol} ${port}`) && this.isFreeOnHost(protocol, port)) {
        return port;
      }
    }
    throw new SkeinError('exhausted', 'host-ports-exhausted', `no free ${protocol} port on this host`);
  }

  private isFreeOnHost(protocol: PortConfig['protocol'], port: number): boolean {
    if (protocol === 'sctp') {
      return true;
    }
    return this.anyAddresses.every((address) => {
      try {
        closeSync(openSocket(this.namespace, protocol, address, port));
        return true;
      } catch (error) {
        if (hasErrno(error, 'EADDRINUSE')) {
          return false;
        }
        throw error;
      }
    });
  }
}
