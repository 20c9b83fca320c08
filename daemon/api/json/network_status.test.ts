import { expect, it } from 'vitest';
import { network, service, task } from '../../../test/support/objects.ts';
import { writeNetworkStatus } from './network_status.ts';

const full = network({
  id: 'n',
  subnets: [
    { subnet: '10.9.0.0/29', gateway: '10.9.0.1' },
    { subnet: 'fd00::/64', gateway: 'fd00::1' },
  ],
});
const virtualIps = [{ networkId: 'n', address: '10.9.0.2/29' }];
const web = service({ id: 's', endpoint: { spec: { mode: 'vip', ports: [] }, ports: [], virtualIps } });
const on = (addresses: readonly string[], networkId = 'n') =>
  task({ id: 't', networks: [{ networkId, addresses, aliases: [] }] });

it('counts who holds what, and what is left', () => {
  const tasks = [on(['10.9.0.3/29', 'fd00::3/64']), on(['10.9.0.4/29']), on(['10.9.0.5/29'], 'other')];
  expect(writeNetworkStatus(full, [web], tasks)).toEqual({
    IPAM: {
      Subnets: {
        '10.9.0.0/29': { IPsInUse: 6, DynamicIPsAvailable: 2 },
        'fd00::/64': { IPsInUse: 3, DynamicIPsAvailable: Number.MAX_SAFE_INTEGER },
      },
    },
  });
});

it('counts the range that addresses are taken from', () => {
  const ranged = network({
    id: 'n',
    subnets: [{ subnet: '10.9.0.0/24', gateway: '10.9.0.1', range: '10.9.0.128/30' }],
    allocationError: 'why not',
  });
  expect(writeNetworkStatus(ranged, [], [on(['10.9.0.129/24'])])).toEqual({
    IPAM: { Subnets: { '10.9.0.0/24': { IPsInUse: 4, DynamicIPsAvailable: 3 } } },
    AllocationError: 'why not',
  });
});
