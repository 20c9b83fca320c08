import { describe, expect, it } from 'vitest';
import type { NetworkView } from '../../../shared/model/view.ts';
import { viewOf } from '../test/views.ts';
import { overlayMtu, reachablePeers, underlayProblems } from './underlay.ts';

const hosts = [
  { name: 'h1', index: 1, address: '192.0.2.1' },
  { name: 'h2', index: 2, address: '192.0.2.2' },
  { name: 'h3', index: 3, address: 'fd00::3' },
];
const identity = { nodeId: 'h1', overlayIndex: 1, vtepAddress: '192.0.2.1', dataPathPort: 4789 };
const view = (more: Partial<NetworkView> = {}) => viewOf(hosts, 'net1', '10.5.0.0/24', [], more);
const asking = (mtu: string) => view({ driverOptions: { 'com.docker.network.driver.mtu': mtu } });

describe('the underlay', () => {
  it.each([
    ['an IPv4 underlay', view(), '192.0.2.1', 1500, 1450],
    ['an IPv6 underlay', view(), 'fd00::3', 1500, 1430],
    ['jumbo frames', view(), '192.0.2.1', 9000, 8950],
    ['a smaller one asked for', asking('1400'), '192.0.2.1', 1500, 1400],
    ['a larger one asked for', asking('9000'), '192.0.2.1', 1500, 1450],
    ['nonsense asked for', asking('-1'), '192.0.2.1', 1500, 1450],
    ['no tunnel', view({ vni: 0 }), '', 1500, 1500],
  ])('leaves the overlay its MTU: %s', (_what, network, vtep, underlay, mtu) => {
    expect(overlayMtu(network, vtep, underlay)).toBe(mtu);
  });

  it('leads to peers of its family', () => {
    expect(reachablePeers(view(), identity).map(({ nodeId }) => nodeId)).toEqual(['h2']);
  });

  it('says what is in the way', () => {
    const six = view({ subnets: [{ subnet: 'fd00:9::/64', gateway: 'fd00:9::1' }] });
    const told = underlayProblems(six, { identity, mtu: 1250, hasRoute: () => false });
    expect(told).toEqual([
      'no IPv6 here: packets of 1250 bytes fit the overlay, IPv6 needs 1280',
      'no route to 192.0.2.2, the data path address of node h2',
      expect.stringContaining('node h3 has the data path address fd00::3, this one 192.0.2.1'),
    ]);
    expect(underlayProblems(view(), { identity, mtu: 1250, hasRoute: () => true })).toHaveLength(1);
  });
});
