// Docker's networks of the node itself, which no manager allocates and no view tells of: `host` is the
// host's own namespace, `none` a namespace with a loopback only, `bridge` the way out and nothing else. Pure.
import type { Id } from '../../../shared/model/meta.ts';
import type { AttachRequest, Sandbox } from '../api.ts';
import { LOCAL_NETWORK_ID } from '../plan/local_network.ts';

export type NodeLocal =
  /** No namespace is made at all. */
  | { readonly kind: 'host'; readonly sandbox: Sandbox }
  /** What is to be attached, without the words that name no overlay. */
  | { readonly kind: 'sandbox'; readonly request: AttachRequest; readonly isolated: boolean };

/** @param hostResolvConf the host's /etc/resolv.conf: its name servers serve tasks that share its network */
export function nodeLocal(request: AttachRequest, hostResolvConf: () => string): NodeLocal {
  const has = (name: string): boolean => request.networks.some(({ networkId }) => networkId === name);
  if (has('host')) {
    return { kind: 'host', sandbox: hostSandbox(request, hostResolvConf()) };
  }
  const networks = request.networks.filter(({ networkId }) => networkId !== 'bridge' && networkId !== 'none');
  return { kind: 'sandbox', request: { ...request, networks }, isolated: has('none') };
}

function hostSandbox({ dns, hostPorts }: AttachRequest, hostResolvConf: string): Sandbox {
  const own = [
    ...(dns?.nameservers ?? []).map((server) => `nameserver ${server}`),
    ...(dns === undefined || dns.search.length === 0 ? [] : [`search ${dns.search.join(' ')}`]),
    ...(dns === undefined || dns.options.length === 0 ? [] : [`options ${dns.options.join(' ')}`]),
  ];
  return {
    netnsPath: '',
    resolvConf: (dns?.nameservers.length ?? 0) > 0 ? `${own.join('\n')}\n` : hostResolvConf,
    hostsLines: [],
    ports: hostPorts,
  };
}

/** The networks that must be there before the sandbox can be: without any other, the node's own. */
export function networkIdsOf(request: AttachRequest): readonly Id[] {
  return request.networks.length === 0
    ? [LOCAL_NETWORK_ID]
    : request.networks.map(({ networkId }) => networkId);
}
