import { describe, expect, it } from 'vitest';
import type { BalancePlan } from '../plan/balance_plan.ts';
import { meshSourceRules } from './mesh_source.ts';

function plan(subnets: readonly string[], peers = 1): BalancePlan {
  return {
    ...{ vips: [], ports: [], hairpin: undefined, hairpin6: undefined, outbound6: undefined },
    outbound: { source: '198.18.0.1', subnets },
    limited: { links: [], connections: 0, shut: [] },
    peers: Array.from({ length: peers }, (_, index) => ({ mac: `02:73:6b:00:00:0${index}`, mark: index })),
  };
}

describe('the source addresses of the mesh between nodes', () => {
  it('change on the way out by the tunnel, and back where the tunnel ends', () => {
    expect(meshSourceRules(plan(['10.0.0.0/24']))).toEqual([
      'oifname "vxlan0" ct mark 0x00000000 ip saddr != { 10.0.0.0/24, 10.1.165.0/24 } snat ip to ip saddr ^ 0.1.165.0',
      'oifname != "vxlan0" ct mark != 0x00000000 ip saddr != { 10.0.0.0/24, 10.1.165.0/24 } snat ip to ip saddr ^ 0.1.165.0',
    ]);
  });

  it.each([
    [['10.0.0.0/24'], '10.0.0.0/24, 10.1.165.0/24'],
    [['10.20.0.0/16'], '10.20.0.0/16, 10.21.0.0/16'],
    [['10.0.0.0/8'], '10.0.0.0/8'],
    [['192.168.7.128/25'], '192.168.7.128/25, 192.169.162.128/25'],
    [['10.0.0.0/24', '10.1.165.0/24'], '10.0.0.0/24, 10.1.165.0/24'],
    [
      ['192.168.255.0/24', '255.254.90.0/24'],
      '192.168.255.0/24, 192.169.90.0/24, 255.254.90.0/24, 255.255.255.0/24',
    ],
  ])('of tasks in %j stay, and those that would come to be such: %s', (subnets, kept) => {
    for (const rule of meshSourceRules(plan(subnets))) {
      expect(rule).toContain(`ip saddr != { ${kept} } snat`);
    }
  });

  it('stay where no mesh is', () => {
    expect(meshSourceRules(plan(['10.0.0.0/24'], 0))).toEqual([]);
    expect(meshSourceRules({ ...plan([]), outbound: undefined })).toEqual([]);
  });
});
