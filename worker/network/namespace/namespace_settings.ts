// Settings of a network's namespace that are neither objects nor tables: kernel parameters, and how its tunnel
// takes packets in. Compared and mended together.
import { hasErrno } from '../../kernel/errors.ts';
import { setMerging } from '../../kernel/offload.ts';
import { differingSysctls, writeSysctls } from '../../kernel/sysctl.ts';
import { VXLAN_LINK } from '../plan/addressing.ts';

/**
 * Packets of a tunnel are merged by the device that received them from the wire, the outer ones with the inner
 * (linux/net/ipv4/udp_offload.c); to try it again at the tunnel costs 0.6 us a packet and finds nothing. Only
 * what came encrypted could not be merged before.
 * @returns what differed, one line or none
 */
export function keepTunnelMerging(path: string, isEncrypted: boolean): string[] {
  try {
    return setMerging(path, VXLAN_LINK, isEncrypted)
      ? [`set feature rx-gro ${isEncrypted ? 'on' : 'off'} dev ${VXLAN_LINK}`]
      : [];
  } catch (error) {
    // Networks of one node have no tunnel; one that is missing is made anew, and set right then.
    if (hasErrno(error, 'ENODEV')) {
      return [];
    }
    throw error;
  }
}

/** Mends what differs. Returns it, one line each. */
export function mendSettings(
  path: string,
  sysctls: Readonly<Record<string, string>>,
  isEncrypted: boolean,
): string[] {
  const differing = differingSysctls(path, sysctls);
  writeSysctls(path, differing);
  return [
    ...Object.keys(differing).map((key) => `set sysctl ${key}`),
    ...keepTunnelMerging(path, isEncrypted),
  ];
}
