// Whether a host lives though its daemon is silent: its kernel answers a connection, with a refusal where
// nobody listens. It knows addresses only; what follows from the answer is decided elsewhere.
import { createConnection } from 'node:net';
import type { Clock } from '../shared/clock.ts';

/** A living host in the same network answers within a millisecond; a dead one never does. */
const PROBE_TIMEOUT_MS = 300;
/** Managers listen on it; on workers nobody does, and the refusal tells as much. */
const PROBE_PORT = 2377;

/** @returns true when a kernel answered for the address; false for silence and for a router's "unreachable" */
export function hostLives(clock: Clock, address: string): Promise<boolean> {
  if (address === '') {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    const socket = createConnection({ host: address, port: PROBE_PORT });
    const settle = (lives: boolean): void => {
      timer.cancel();
      socket.destroy();
      resolve(lives);
    };
    const timer = clock.after(PROBE_TIMEOUT_MS, () => settle(false));
    socket.once('connect', () => settle(true));
    socket.once('error', (error) => settle('code' in error && error.code === 'ECONNREFUSED'));
  });
}
