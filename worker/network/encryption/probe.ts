// Whether a kernel has all that encrypted networks need: asked by doing it once, since modules are loaded by use.
import { errorMessage } from '../../../shared/errors.ts';
import { errnoName } from '../../kernel/errors.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { NETLINK_XFRM, NetlinkSocket } from '../../kernel/netlink_socket.ts';
import { addState, deleteState, type XfrmState } from '../../kernel/xfrm.ts';
import { TAG_BITS } from '../plan/encrypted.ts';
import { ALGORITHM } from './derive.ts';
import { REQID } from './plan.ts';

/** Between documentation addresses (RFC 5737): no packet will ever use it. */
const PROBE: XfrmState = {
  ...{ src: '192.0.2.1', dst: '192.0.2.2', spi: 0x736b0001, reqid: REQID, port: 1, replayWindow: 32 },
  ...{ algorithm: ALGORITHM, tagBits: TAG_BITS, key: '00'.repeat(20) },
};

/** Why encrypted networks cannot work in this namespace, in the kernel's words; undefined when they can. */
export function missingForEncryption(namespace: NamespaceRef): string | undefined {
  let socket: NetlinkSocket | undefined;
  try {
    socket = new NetlinkSocket(namespace, NETLINK_XFRM);
    socket.execute([deleteState(PROBE)], ['ENOENT', 'ESRCH']);
    const [outcome] = socket.attempt([addState(PROBE)]);
    if (outcome !== undefined && outcome.errno !== 0) {
      return outcome.reason === '' ? errnoName(outcome.errno) : outcome.reason;
    }
    socket.execute([deleteState(PROBE)]);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  } finally {
    socket?.close();
  }
}

/** For `info`. */
export function encryptionWarnings(reason: string | undefined): string[] {
  return reason === undefined
    ? []
    : [`WARNING: No ESP (${reason}): tasks on networks with --opt encrypted will be refused here`];
}
