// Makes the links of a network's namespace: each has its other end, or its socket, somewhere else. Synchronous.
import { closeSync } from 'node:fs';
import { assert } from '../../../shared/errors.ts';
import { hasErrno } from '../../kernel/errors.ts';
import { openNamespace } from '../../kernel/namespace.ts';
import { addVeth, addVxlan, deleteLinkByName, setProxyDelayZero } from '../../kernel/rtnetlink.ts';
import { tunnelRefused } from '../errors.ts';
import type { HostSide } from '../host/host_side.ts';
import { hostLinkName, taskMac } from '../plan/addressing.ts';
import type { LinkObject } from '../plan/kernel_state.ts';
import type { LocalAttachment } from '../plan/plan.ts';
import { HOST_MAC } from '../plan/transfer.ts';
import type { NamespaceKernel } from './namespace_kernel.ts';
import { keepTunnelMerging } from './namespace_settings.ts';

/** A task's interface on this network: what the plan needs, and where its far end is. */
export interface TaskPort {
  readonly attachment: LocalAttachment;
  readonly namespacePath: string;
  readonly interfaceName: string;
  readonly interfaceIndex: number;
  /** Sets addresses and routes of the far end again after the pair had to be made anew. */
  readonly restore: () => void;
}

export interface LinkSite {
  readonly kernel: NamespaceKernel;
  readonly host: HostSide;
  readonly networkId: string;
  /** Of the network's namespace. */
  readonly path: string;
  /** Whose link it is, for links of tasks. */
  readonly port: TaskPort | undefined;
  readonly isEncrypted: boolean;
}

/** @throws SkeinError of the kernel, e.g. `EEXIST` while an earlier namespace with the same VNI is still ending */
export function makeLink(site: LinkSite, link: LinkObject): void {
  switch (link.kind) {
    case 'vxlan':
      makeVxlan(site, link);
      return;
    case 'uplink':
      makeUplink(site, link);
      return;
    case 'task':
      makeTaskLink(site, link);
      return;
    case 'stray':
      throw new Error('invariant broken: no plan has stray links');
  }
}

function makeVxlan({ kernel, host, path, isEncrypted }: LinkSite, link: LinkObject): void {
  const { vxlan } = link;
  assert(vxlan !== undefined, 'a VXLAN link has its parameters');
  const namespaceFd = openNamespace(path);
  try {
    const end = { ...link, index: kernel.claimIndex(link.name), up: true, namespaceFd };
    // Asked for in the host's namespace, so that its UDP socket is the host's.
    host.socket.execute([addVxlan(end, vxlan.vni, vxlan.local, vxlan.port)]);
  } catch (error) {
    throw tunnelRefused(error, vxlan.vni, vxlan.port);
  } finally {
    closeSync(namespaceFd);
  }
  keepTunnelMerging(path, isEncrypted);
}

function makeUplink({ kernel, host, networkId }: LinkSite, link: LinkObject): void {
  const end = { name: hostLinkName(networkId), index: 0, mac: HOST_MAC, mtu: link.mtu, up: false };
  const far = { ...end, namespaceFd: host.namespaceFd };
  const make = (): void =>
    kernel.socket.execute([addVeth({ ...link, index: kernel.claimIndex(link.name), up: true }, far)]);
  try {
    make();
  } catch (error) {
    if (!hasErrno(error, 'EEXIST')) {
      throw error;
    }
    host.removeLink(networkId);
    make();
  }
  host.ensureLink(networkId);
}

function makeTaskLink({ kernel, port }: LinkSite, link: LinkObject): void {
  assert(port !== undefined, `no task has the link ${link.name}`);
  const namespaceFd = openNamespace(port.namespacePath);
  try {
    const { interfaceName: name, interfaceIndex } = port;
    const far = {
      name,
      index: interfaceIndex,
      mac: taskMac(port.attachment.address),
      mtu: link.mtu,
      up: false,
    };
    const make = (): void => {
      const index = kernel.claimIndex(link.name);
      kernel.socket.execute([
        addVeth({ ...link, index, up: true }, { ...far, namespaceFd }),
        setProxyDelayZero(index),
      ]);
    };
    try {
      make();
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) {
        throw error;
      }
      // A container that is started again at once: the namespace of its last run is still ending.
      kernel.socket.execute([deleteLinkByName(link.name)], ['ENODEV']);
      make();
    }
  } finally {
    closeSync(namespaceFd);
  }
  port.restore();
}
