// The host's kernel as the encryption of networks sees it: what it holds, and changes in the order that loses no
// packet. Decides nothing.
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { NETLINK_XFRM, NetlinkSocket } from '../../kernel/netlink_socket.ts';
import { addState, deletePolicy, deleteState, putPolicy, type XfrmPolicy } from '../../kernel/xfrm.ts';
import { readPolicies, readStates, type XfrmStateReport } from '../../kernel/xfrm_read.ts';
import type { EncryptionChanges } from './plan.ts';
import { missingForEncryption } from './probe.ts';

/** Gone already is as good as removed. */
const GONE = ['ENOENT', 'ESRCH'];

export interface EncryptionKernel {
  /** Whoever made them. */
  read(): { readonly states: readonly XfrmStateReport[]; readonly policies: readonly XfrmPolicy[] };
  /** @throws SkeinError of the first change that the kernel refused */
  apply(changes: EncryptionChanges): void;
  close(): void;
}

/** The kernel of a namespace, or what it lacks. Loads the modules that are needed. */
export function openXfrm(namespace: NamespaceRef): EncryptionKernel | { readonly missing: string } {
  const missing = missingForEncryption(namespace);
  if (missing !== undefined) {
    return { missing };
  }
  const socket = new NetlinkSocket(namespace, NETLINK_XFRM);
  return {
    read: () => ({ states: readStates(socket), policies: readPolicies(socket) }),
    apply: (changes) => {
      socket.execute(changes.replaced.map(deleteState), GONE);
      socket.execute(changes.addedStates.map(({ state }) => addState(state)));
      socket.execute(changes.putPolicies.map(putPolicy));
      socket.execute(changes.removedPolicies.map(deletePolicy), GONE);
      socket.execute(changes.removedStates.map(deleteState), GONE);
    },
    close: () => socket.close(),
  };
}
