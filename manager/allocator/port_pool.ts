// Ports published in ingress mode: one holder per protocol and number in the whole cluster.
import type { PortProtocol } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';

/** Where ports are taken from that the user left open (Swarm's range). */
export const DYNAMIC_PORT_LOW = 30000;
export const DYNAMIC_PORT_HIGH = 32767;
const DYNAMIC_PORT_COUNT = DYNAMIC_PORT_HIGH - DYNAMIC_PORT_LOW + 1;

export class PortPool {
  private readonly holders = new Map<string, Id>();
  /** Next-fit, as addresses: a port given back is not another service's at once. */
  private readonly next = new Map<PortProtocol, number>();

  holder(protocol: PortProtocol, port: number): Id | undefined {
    return this.holders.get(keyOf(protocol, port));
  }

  /** True when the owner now holds the port. */
  claim(protocol: PortProtocol, port: number, owner: Id): boolean {
    const key = keyOf(protocol, port);
    const holder = this.holders.get(key);
    if (holder !== undefined && holder !== owner) {
      return false;
    }
    this.holders.set(key, owner);
    return true;
  }

  /** True when the port became free. */
  release(protocol: PortProtocol, port: number, owner: Id): boolean {
    const key = keyOf(protocol, port);
    return this.holders.get(key) === owner && this.holders.delete(key);
  }

  /** A port of the dynamic range, or undefined when all of them are held. */
  take(protocol: PortProtocol, owner: Id): number | undefined {
    const start = this.next.get(protocol) ?? 0;
    for (let step = 0; step < DYNAMIC_PORT_COUNT; step += 1) {
      const offset = (start + step) % DYNAMIC_PORT_COUNT;
      const port = DYNAMIC_PORT_LOW + offset;
      if (this.holder(protocol, port) === undefined) {
        this.holders.set(keyOf(protocol, port), owner);
        this.next.set(protocol, (offset + 1) % DYNAMIC_PORT_COUNT);
        return port;
      }
    }
    return undefined;
  }
}

function keyOf(protocol: PortProtocol, port: number): string {
  return `${protocol}:${port}`;
}
