// Conditions of the node's networking that callers can act on.
import { SkeinError } from '../../shared/errors.ts';
import { hasErrno } from '../kernel/errors.ts';

/** `view-missing`: the managers have not told of this network in time; the task may be tried again. */
export function viewMissing(networkId: string, waitedMs: number): SkeinError {
  return new SkeinError(
    'timeout',
    'view-missing',
    `no endpoint view of network ${networkId} within ${waitedMs} ms: is a manager reachable?`,
    { data: { networkId } },
  );
}

/** `address-missing`: the attachment came without an IPv4 address. */
export function addressMissing(taskId: string, networkId: string): SkeinError {
  return new SkeinError(
    'invalid',
    'address-missing',
    `task ${taskId} has no IPv4 address on network ${networkId}: the allocator must give one`,
    { data: { taskId, networkId } },
  );
}

/** `address-outside`: an address that is in none of the network's subnets. */
export function addressOutside(address: string, networkId: string): SkeinError {
  return new SkeinError('invalid', 'address-outside', `${address} is in no subnet of network ${networkId}`, {
    data: { address, networkId },
  });
}

/** `host-port-taken`: a host-mode port that another task or process of this node holds. */
export function hostPortTaken(protocol: string, port: number, holder: string): SkeinError {
  return new SkeinError(
    'conflict',
    'host-port-taken',
    `port ${port}/${protocol} of this host is in use by ${holder}: publish another one`,
    { data: { protocol, port: String(port) }, retryable: true },
  );
}

/** `host-port-internal`: a host-mode port needs a network with a way out. */
export function hostPortInternal(taskId: string): SkeinError {
  return new SkeinError(
    'invalid',
    'host-port-internal',
    `task ${taskId} publishes a host-mode port but all its networks are internal: add one that is not`,
    { data: { taskId } },
  );
}

/** `transfer-exhausted` and `local-exhausted`: a node-local range has no free address. */
export function rangeExhausted(code: 'transfer-exhausted' | 'local-exhausted', range: string): SkeinError {
  return new SkeinError(
    'exhausted',
    code,
    `no free address in ${range} on this node: remove tasks or networks`,
  );
}

/** `balancer-unavailable`: the chosen balancer's kernel part is missing. */
export function balancerUnavailable(program: string): SkeinError {
  return new SkeinError(
    'unavailable',
    'balancer-unavailable',
    `this kernel has no ${program}: choose another with --balancer, or load its module`,
    { data: { program }, retryable: false },
  );
}

/**
 * `data-path-port-taken`: somebody else on the host listens on the UDP port of the tunnels; `vxlan-taken`: or
 * has such a tunnel; `vxlan-missing`: the kernel cannot make one. Anything else is passed on as it is.
 */
export function tunnelRefused(error: unknown, vni: number, port: number): unknown {
  const told = (code: string, message: string): SkeinError =>
    new SkeinError('conflict', code, message, {
      cause: error,
      data: { port: String(port) },
      retryable: true,
    });
  if (hasErrno(error, 'EADDRINUSE')) {
    return told(
      'data-path-port-taken',
      `UDP port ${port} of this host is in use by another program, overlay networks need it: end that program, or make the swarm with another --data-path-port`,
    );
  }
  if (hasErrno(error, 'EEXIST')) {
    return told(
      'vxlan-taken',
      `this host has a VXLAN device with identifier ${vni} on port ${port} already: is another program's overlay, or another skeind, in this network namespace?`,
    );
  }
  return hasErrno(error, 'EOPNOTSUPP')
    ? told('vxlan-missing', 'this kernel has no VXLAN, overlay networks need it: load its module')
    : error;
}

/** `encryption-unavailable`: an encrypted network on a node whose kernel cannot encrypt; it is never clear text instead. */
export function encryptionUnavailable(reason: string): SkeinError {
  return new SkeinError(
    'unavailable',
    'encryption-unavailable',
    `this node cannot take part in encrypted networks (${reason}): load the kernel's modules xfrm_user, esp4, gcm and seqiv, or place the service elsewhere`,
    { data: { reason }, retryable: false },
  );
}

/** `encryption-keys-missing`: an encrypted network came without its keys; it is never clear text instead. */
export function encryptionKeysMissing(network: string): SkeinError {
  return new SkeinError(
    'unavailable',
    'encryption-keys-missing',
    `the managers have given this node no keys for the encrypted network ${network}: are all of one version?`,
    { data: { network }, retryable: true },
  );
}
