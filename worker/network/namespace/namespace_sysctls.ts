// Kernel parameters of a network's namespace: what makes it a router. Pure.

/** What every network's namespace is: a router that answers ARP at once for what it can reach. */
const NAMESPACE_SYSCTLS = {
  'net/ipv4/ip_forward': '1',
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
  'net/ipv4/conf/all/send_redirects': '0',
  'net/ipv4/conf/default/send_redirects': '0',
  'net/ipv4/conf/all/proxy_arp': '1',
} as const;

const NO_IPV6 = { 'net/ipv6/conf/default/disable_ipv6': '1' } as const;

/** On networks with IPv6, in place of the line above. Addresses come from the plan alone. */
const NAMESPACE_SYSCTLS_V6 = {
  'net/ipv6/conf/default/disable_ipv6': '0',
  'net/ipv6/conf/all/forwarding': '1',
  'net/ipv6/conf/default/forwarding': '1',
  'net/ipv6/conf/default/accept_ra': '0',
  'net/ipv6/conf/default/addr_gen_mode': '1',
} as const;

/** @param kernelHasV6 false where there is nothing to switch off */
export function namespaceSysctls(hasV6: boolean, kernelHasV6: boolean): Readonly<Record<string, string>> {
  return { ...NAMESPACE_SYSCTLS, ...(kernelHasV6 && NO_IPV6), ...(hasV6 && NAMESPACE_SYSCTLS_V6) };
}
