// What a node needs to know before it enters a cluster, or comes back to it, out of what its operator said and what
// its machine has: how a cluster is founded, whom to ask to be let in, which addresses count now. No I/O.
import { SkeinError } from '../../shared/errors.ts';
import type { ManagerStart } from '../../shared/protocol/manager_process.ts';
import type { InitRequest, JoinRequest } from '../api/backend.ts';
import {
  addressesNow,
  DEFAULT_CLUSTER_PORT,
  interfacesOf,
  joinHostPort,
  parseHostPort,
} from '../host_addresses.ts';
import type { NodeState } from './state_file.ts';

const DEFAULT_ADDRESS_POOL = '10.0.0.0/8';
const DEFAULT_SUBNET_SIZE = 24;

export function bootstrapStart(
  request: InitRequest,
  { hostname, dataPathPort }: { readonly hostname: string; readonly dataPathPort: number },
): Extract<ManagerStart, { kind: 'bootstrap' }> {
  const pool = request.defaultAddressPool;
  return {
    kind: 'bootstrap',
    availability: request.availability,
    hostname,
    defaultAddressPool: pool.length > 0 ? pool : [DEFAULT_ADDRESS_POOL],
    subnetSize: request.subnetSize || DEFAULT_SUBNET_SIZE,
    dataPathPort: request.dataPathPort || dataPathPort,
    settings: request.spec,
  };
}

/** `host:port` of the managers to ask. @throws SkeinError `no-remote`, `bad-address` */
export function remotesOf(request: JoinRequest): string[] {
  if (request.remoteAddrs.length === 0) {
    throw new SkeinError('invalid', 'no-remote', 'at least 1 RemoteAddr is required to join');
  }
  return request.remoteAddrs.map((address) => {
    const { host, port } = parseHostPort(address, 'remote address', DEFAULT_CLUSTER_PORT);
    return joinHostPort(host, port);
  });
}

/** The same state when no address of this machine changed. The managers learn a new one as soon as they are called. */
export function stateNow(before: NodeState): NodeState {
  const addresses = addressesNow(before, before.interfaces);
  const isSame = (['listenAddress', 'advertiseAddress', 'dataPathAddress'] as const).every(
    (name) => addresses[name] === before[name],
  );
  return isSame ? before : { ...before, ...addresses, interfaces: interfacesOf(addresses) };
}
