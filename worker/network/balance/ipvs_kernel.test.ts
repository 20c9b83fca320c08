// IPVS as the kernel carries it out: tables, drift, connections whose endpoint is gone, a task that calls itself.
// Runs where the kernel has IPVS (the lab of virtual machines), as root.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeNamespace } from '../../kernel/namespace.ts';
import type { BalancePlan } from '../plan/balance_plan.ts';
import { Fabric, sh } from '../test/fabric.ts';
import { chooseBalancer } from './balancer_choice.ts';
import { IpvsBalancer, clearIpvs, hasIpvs } from './ipvs_balancer.ts';

const canRun = process.getuid?.() === 0 && hasIpvs(homeNamespace());

const plan: BalancePlan = {
  vips: [
    {
      serviceId: 's',
      address: '10.5.0.2',
      backends: [
        { address: '10.5.0.11', draining: false },
        { address: '10.5.0.12', draining: true },
      ],
    },
  ],
  ports: [
    {
      protocol: 'tcp',
      published: 8080,
      target: 80,
      backends: [{ address: '10.5.0.11', draining: false }],
      backends6: [],
    },
    {
      protocol: 'udp',
      published: 8080,
      target: 80,
      backends: [{ address: '10.5.0.11', draining: false }],
      backends6: [],
    },
  ],
  hairpin: undefined,
  hairpin6: undefined,
  outbound: { source: '198.18.0.1', subnets: ['10.5.0.0/24'] },
  outbound6: undefined,
  peers: [],
  limited: { links: [], connections: 0, shut: [] },
};
const nothing: BalancePlan = { ...plan, vips: [], ports: [] };
const MARK = 0x4a050002;

/** As the kernel prints it, without counters. */
const TABLE = [
  'FWM 4A050002 rr',
  '-> 0A05000B:0000 Masq 1',
  '-> 0A05000C:0000 Masq 0',
  'TCP C6120001:1F90 rr',
  '-> 0A05000B:0050 Masq 1',
  'UDP C6120001:1F90 rr',
  '-> 0A05000B:0050 Masq 1',
].sort();

describe.runIf(canRun)('IPVS in a namespace', () => {
  let fabric: Fabric;
  let namespace = '';

  const table = (): string[] =>
    sh(namespace, 'cat /proc/net/ip_vs')
      .split('\n')
      .slice(3)
      .filter((line) => line !== '')
      .map((line) => line.trim().replace(/\s+/g, ' '))
      .map((line) => (line.startsWith('->') ? line.split(' ').slice(0, 4).join(' ') : line))
      .sort();

  beforeAll(() => {
    fabric = new Fabric(0);
    namespace = fabric.client;
  });
  afterAll(() => fabric.destroy());

  it('makes the table of the plan, follows it, and takes it away', () => {
    const balancer = new IpvsBalancer();
    balancer.reconcile(namespace, plan);
    expect(table()).toEqual(TABLE);
    expect(balancer.differences(namespace, plan)).toEqual([]);
    balancer.reconcile(namespace, nothing);
    expect(table()).toEqual([]);
  });

  it('lets connections live as long as connection tracking, and ends those whose endpoint is gone', () => {
    new IpvsBalancer().reconcile(namespace, plan);
    expect(sh(namespace, 'ipvsadm -L --timeout')).toContain('432000 120 300');
    expect(
      sh(namespace, 'cat /proc/sys/net/ipv4/vs/conntrack /proc/sys/net/ipv4/vs/expire_nodest_conn'),
    ).toBe('1\n1\n');
  });

  it.each([
    ['a destination taken out', `ipvsadm -d -f ${MARK} -r 10.5.0.11`],
    ['a destination put in', `ipvsadm -a -f ${MARK} -r 10.5.0.99 -m`],
    ['a weight', `ipvsadm -e -f ${MARK} -r 10.5.0.12 -m -w 5`],
    ['how a destination is forwarded to', `ipvsadm -e -f ${MARK} -r 10.5.0.11 -g`],
    ['a service taken out', 'ipvsadm -D -t 198.18.0.1:8080'],
    ['a service put in', 'ipvsadm -A -t 10.9.9.9:80 -s rr'],
    [
      'a service of IPv6 put in',
      'ipvsadm -A -t [fd00::1]:80 -s rr && ipvsadm -a -t [fd00::1]:80 -r [fd00::2]:80 -m',
    ],
    ['a mark of IPv6 put in', 'ipvsadm -A -f 7 -6 -s rr'],
    ['another scheduler', 'ipvsadm -E -u 198.18.0.1:8080 -s wlc'],
    ['persistence', `ipvsadm -E -f ${MARK} -s rr -p 300`],
    ['time-outs', 'ipvsadm --set 100 10 10'],
    ['a kernel parameter', 'echo 0 >/proc/sys/net/ipv4/vs/conntrack'],
    ['everything gone', 'ipvsadm -C'],
  ])('finds and mends %s', (_, damage) => {
    const balancer = new IpvsBalancer();
    balancer.reconcile(namespace, plan);
    sh(namespace, damage);
    expect(balancer.differences(namespace, plan)).not.toEqual([]);
    balancer.reconcile(namespace, plan);
    expect(balancer.differences(namespace, plan)).toEqual([]);
    expect(table()).toEqual(TABLE);
  });

  it('another daemon that balances by nft takes the table away', () => {
    new IpvsBalancer().reconcile(namespace, plan);
    chooseBalancer('nft', homeNamespace()).reconcile(namespace, plan);
    expect(table()).toEqual([]);
    clearIpvs(namespace);
  });

  it('is what `auto` chooses here', () => {
    expect(chooseBalancer('auto', homeNamespace()).program).toBe('ipvs');
  });
});
