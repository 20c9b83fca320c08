// Turns what the kernel says about listening into an error with advice.
import { SkeinError } from '../errors.ts';

/** `address-in-use` (conflict), `address-not-available` (invalid), `permission-denied` (denied), or `listen-failed`. */
export function listenError(address: string, error: Error): SkeinError {
  const code = 'code' in error ? error.code : undefined;
  const options = { cause: error, data: { address } };
  switch (code) {
    case 'EADDRINUSE':
      return new SkeinError(
        'conflict',
        'address-in-use',
        `${address} is already in use: stop the process that holds it, or choose another address`,
        options,
      );
    case 'EADDRNOTAVAIL':
      return new SkeinError(
        'invalid',
        'address-not-available',
        `${address} is no address of this machine: choose one that \`ip address\` shows`,
        options,
      );
    case 'EACCES':
    case 'EPERM':
      return new SkeinError(
        'denied',
        'permission-denied',
        `no permission to listen on ${address}: run as root`,
        options,
      );
    default:
      return new SkeinError(
        'internal',
        'listen-failed',
        `cannot listen on ${address}: ${error.message}`,
        options,
      );
  }
}
