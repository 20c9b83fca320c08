// The nft tables as golden text, what a change of endpoints costs, and that the kernel takes both.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../shared/clock.ts';
import { silentLogger } from '../../../shared/log.ts';
import { createNamespace, removeNamespace } from '../../kernel/namespace.ts';
import { applyNft, listNft, runNft } from '../../kernel/nft.ts';
import { ipvsRules } from '../balance/ipvs_plan.ts';
import { closeForwarding, forwardingRules, openForwarding } from '../host/host_forwarding.ts';
import type { BalancePlan } from '../plan/balance_plan.ts';
import { hostTable } from './nft_host.ts';
import { networkTable, nftBalanceRules } from './nft_network.ts';
import { type NftTable, renderDelta, renderTable } from './nft_table.ts';

const root = process.getuid?.() === 0;
const serving = (...addresses: string[]) => addresses.map((address) => ({ address, draining: false }));

function plan(more: Partial<BalancePlan> = {}): BalancePlan {
  return {
    vips: [
      { serviceId: 's1', address: '10.4.0.2', backends: serving('10.4.0.11', '10.4.0.12') },
      { serviceId: 's2', address: '10.4.0.3', backends: [{ address: '10.4.0.13', draining: true }] },
    ],
    ports: [
      {
        protocol: 'tcp',
        published: 8080,
        target: 80,
        backends: serving('10.4.0.11', '10.4.0.12'),
        backends6: [],
      },
      { protocol: 'udp', published: 5353, target: 53, backends: serving('10.4.0.12'), backends6: [] },
    ],
    hairpin: { gateway: '10.4.0.1', addresses: ['10.4.0.11'] },
    hairpin6: undefined,
    outbound: { source: '198.18.0.1', subnets: ['10.4.0.0/24'] },
    outbound6: undefined,
    limited: { links: ['t-task00000001'], connections: 65_536, shut: [] },
    peers: [{ mac: '02:73:6b:00:00:02', mark: 2 }],
    ...more,
  };
}

function table(more: Partial<BalancePlan> = {}): NftTable {
  const whole = plan(more);
  return networkTable(whole, nftBalanceRules(whole));
}

const GOLDEN = `table inet skein {}
delete table inet skein
table inet skein {
  chain t-task00000001 {
  }
  chain vip-10-4-0-2 {
  }
  chain port-tcp-8080 {
  }
  chain port-udp-5353 {
  }
  map vips {
    type ipv4_addr : verdict
    elements = { 10.4.0.2 : goto vip-10-4-0-2 }
  }
  map ports {
    type inet_proto . inet_service : verdict
    elements = { tcp . 8080 : goto port-tcp-8080, udp . 5353 : goto port-udp-5353 }
  }
  map tasks {
    type ifname : verdict
    elements = { "t-task00000001" : jump t-task00000001 }
  }
  set shut {
    type ifname
  }
  set hairpin {
    type ipv4_addr . ipv4_addr
    elements = { 10.4.0.11 . 10.4.0.11 }
  }
  map peers {
    type ether_addr : mark
    elements = { 02:73:6b:00:00:02 : 0x00000002 }
  }
  map zones {
    typeof ether saddr : ct zone
    elements = { 02:73:6b:00:00:02 : 2 }
  }
  chain zones {
    type filter hook prerouting priority raw; policy accept;
    iifname "vxlan0" ct original zone set ether saddr map @zones
  }
  chain way-back {
    type filter hook prerouting priority mangle; policy accept;
    ct mark != 0x00000000 ct direction reply iifname != "vxlan0" meta mark set ct mark
  }
  chain t-task00000001 {
    ct count over 65536 drop
  }
  chain admit {
    type nat hook prerouting priority dstnat - 1; policy accept;
    iifname "vxlan0" ct mark set ether saddr map @peers
    iifname vmap @tasks
  }
  chain vip-10-4-0-2 {
    dnat ip to numgen inc mod 2 map { 0 : 10.4.0.11, 1 : 10.4.0.12 }
  }
  chain port-tcp-8080 {
    meta l4proto tcp dnat ip to numgen inc mod 2 map { 0 : 10.4.0.11, 1 : 10.4.0.12 }:80
  }
  chain port-udp-5353 {
    meta l4proto udp dnat ip to 10.4.0.12:53
  }
  chain translate {
    type nat hook prerouting priority dstnat; policy accept;
    meta l4proto { tcp, udp, sctp } ip daddr vmap @vips
    iifname "up" fib daddr type local meta l4proto . th dport vmap @ports
  }
  chain source {
    type nat hook postrouting priority srcnat; policy accept;
    oifname @shut drop
    ip saddr . ip daddr @hairpin snat ip to 10.4.0.1
    oifname "up" ip saddr 10.4.0.0/24 snat ip to 198.18.0.1
    oifname "vxlan0" ct mark 0x00000000 ip saddr != { 10.4.0.0/24, 10.5.165.0/24 } snat ip to ip saddr ^ 0.1.165.0
    oifname != "vxlan0" ct mark != 0x00000000 ip saddr != { 10.4.0.0/24, 10.5.165.0/24 } snat ip to ip saddr ^ 0.1.165.0
  }
}
`;

const fewer = table({
  vips: [{ serviceId: 's1', address: '10.4.0.2', backends: serving('10.4.0.12') }],
  ports: [{ protocol: 'tcp', published: 8080, target: 80, backends: serving('10.4.0.12'), backends6: [] }],
});

const DELTA = `flush chain inet skein vip-10-4-0-2
flush chain inet skein port-tcp-8080
add rule inet skein vip-10-4-0-2 dnat ip to 10.4.0.12
add rule inet skein port-tcp-8080 meta l4proto tcp dnat ip to 10.4.0.12:80
delete element inet skein ports { udp . 5353 }
flush chain inet skein port-udp-5353
delete chain inet skein port-udp-5353
`;

describe('the table of a network', () => {
  it('is this text', () => {
    expect(renderTable(table())).toBe(GOLDEN);
  });

  it('changes by as little as its cause', () => {
    expect(renderDelta(table(), fewer)).toBe(DELTA);
    expect(renderDelta(table(), table())).toBe('');
  });

  it('takes another node in by an element of two maps', () => {
    const joined = table({
      peers: [
        { mac: '02:73:6b:00:00:02', mark: 2 },
        { mac: '02:73:6b:00:00:03', mark: 3 },
      ],
    });
    expect(renderDelta(table(), joined)).toBe(
      'add element inet skein peers { 02:73:6b:00:00:03 : 0x00000003 }\n' +
        'add element inet skein zones { 02:73:6b:00:00:03 : 3 }\n',
    );
  });

  it('has no chain that every packet passes, but for those of the mesh', () => {
    const filtering = (one: NftTable): string[] =>
      [...one.chains].filter(([, { hook }]) => hook.startsWith('type filter')).map(([name]) => name);
    expect(filtering(table({ peers: [] }))).toEqual([]);
    expect(filtering(table())).toEqual(['zones', 'way-back']);
  });

  it('is replaced when its skeleton differs', () => {
    expect(renderDelta({ ...table(), sets: new Map() }, table())).toBe(GOLDEN);
  });
});

describe('the FORWARD chain of the host', () => {
  it.each([
    ['accepts', 'chain FORWARD { type filter hook forward priority filter; policy accept; }', 0],
    ['drops', 'chain FORWARD { type filter hook forward priority filter; policy drop; }', 2],
    ['drops but knows us', 'policy drop; iifname "sk-*" accept oifname "sk-*" accept', 0],
  ])('%s', (_, listing, count) => {
    expect(forwardingRules(listing).split('\n').filter(Boolean)).toHaveLength(count);
  });
});

describe.runIf(root)('the kernel takes', () => {
  let dir = '';
  let path = '';

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), `skt-${process.pid}-`));
    path = join(dir, 'a');
    createNamespace(path);
  });

  afterAll(() => {
    removeNamespace(path);
    rmSync(dir, { recursive: true, force: true });
  });

  const load = (text: string): Promise<void> => applyNft(systemClock, path, text);
  const listing = (): Promise<string> => listNft(systemClock, path, 'skein');

  it('the whole, and the change leads to the same as the whole of the new', async () => {
    await load(renderTable(table()));
    await load(renderDelta(table(), fewer));
    const changed = await listing();
    await load(renderTable(fewer));
    const sorted = (text: string): string[] => text.split('\n').sort();
    expect(sorted(changed)).toEqual(sorted(await listing()));
    await load(renderDelta(fewer, table()));
    expect(await listing()).toContain('tcp . 8080 : goto port-tcp-8080');
  });

  it("the host's table, empty and full", async () => {
    const empty = hostTable([], [], []);
    const full = hostTable(
      [{ protocol: 'sctp', published: 80, to: '198.18.0.1', to6: 'fd73:6b65:696e::c612:1' }],
      ['198.18.0.1'],
      ['fd73:6b65:696e::c612:1'],
    );
    await load(renderTable(hostTable([], [], undefined)));
    await load(renderTable(empty));
    await load(renderDelta(empty, full));
    expect(await listing()).toContain('sctp . 80 : 198.18.0.1');
    expect(await listing()).toContain('sctp . 80 : fd73:6b65:696e::c612:1');
    await load(renderDelta(full, empty));
    expect(await listing()).not.toContain('198.18.0.1');
  });

  const dual = (): BalancePlan =>
    plan({
      vips: [{ serviceId: 's1', address: 'fd00:4::2', backends: serving('fd00:4::11', 'fd00:4::12') }],
      ports: [
        {
          ...{ protocol: 'tcp', published: 8080, target: 80 },
          ...{ backends: serving('10.4.0.11'), backends6: serving('fd00:4::11', 'fd00:4::12') },
        },
        {
          ...{ protocol: 'sctp', published: 8081, target: 80 },
          ...{ backends: serving('10.4.0.11'), backends6: serving('fd00:4::11') },
        },
      ],
      hairpin6: { gateway: 'fd00:4::1', addresses: ['fd00:4::11'] },
      outbound6: { source: 'fd73:6b65:696e::c612:1', subnets: ['fd00:4::/64'] },
    });

  it('both families, by nft and beside IPVS', async () => {
    await load(renderTable(table(dual())));
    const both = await listing();
    expect(both).toContain('dnat ip to 10.4.0.11:80');
    expect(both).toContain('dnat ip6 to [fd00:4::11]:80');
    expect(both).toContain('snat ip6 to fd73:6b65:696e::c612:1');
    await load(renderTable(networkTable(dual(), ipvsRules(dual()))));
    const six = await listing();
    expect(six).not.toContain('dnat ip to');
    expect(six).toContain('dnat ip6 to [fd00:4::11]:80');
    expect(six).toContain('fd00:4::2 : goto vip-fd00-4--2');
  });

  it('a node that joins', async () => {
    const peers = [2, 3].map((mark) => ({ mac: `02:73:6b:00:00:0${mark}`, mark }));
    const alone = table({ peers: peers.slice(0, 1) });
    await load(renderTable(alone));
    await load(renderDelta(alone, table({ peers })));
    expect(await listing()).toContain('elements = { 02:73:6b:00:00:02 : 2,');
    await load(renderDelta(table({ peers }), alone));
    expect(await listing()).toContain('elements = { 02:73:6b:00:00:02 : 2 }');
  });

  it('the table that goes with IPVS', async () => {
    await load(renderTable(networkTable(plan(), ipvsRules(plan()))));
    expect(await listing()).toContain('10.4.0.2 : 0x4a040002');
  });

  it.each(['ip', 'ip6'])('rules in a FORWARD chain of %s that drops', async (family) => {
    const chain = `table ${family} filter { chain FORWARD { type filter hook forward priority filter; policy drop; }; }\n`;
    await load(chain);
    await openForwarding({ clock: systemClock, log: silentLogger }, path);
    const rules = (): Promise<string> =>
      runNft(systemClock, path, ['list', 'chain', family, 'filter', 'FORWARD'], '');
    expect((await rules()).match(/sk-\*/g)).toHaveLength(2);
    await openForwarding({ clock: systemClock, log: silentLogger }, path);
    expect((await rules()).match(/sk-\*/g)).toHaveLength(2);
    await closeForwarding(systemClock, path);
    expect(await rules()).not.toContain('sk-*');
  });
});
