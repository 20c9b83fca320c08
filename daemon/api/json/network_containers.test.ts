import { expect, it } from 'vitest';
import { status } from '../../../test/support/dispatcher_agent.ts';
import { task } from '../../../test/support/objects.ts';
import { writeNetworkContainers } from './network_containers.ts';

const on = (addresses: readonly string[], networkId = 'n') => [{ networkId, addresses, aliases: [] }];

it('lists what of this node is on the network, by container', () => {
  const containerId = 'ab'.repeat(32);
  const attachment = {
    id: 'x',
    containerId,
    containerName: 'c1',
    target: 'n',
    aliases: [],
    addresses: [],
  };
  const tasks = [
    task({
      id: 'a',
      nodeId: 'n1',
      attachment,
      status: status('running'),
      networks: on(['10.0.5.2/29', 'fd00::2/64']),
    }),
    task({ id: 't', nodeId: 'n1', status: status('starting'), networks: on(['10.0.5.3/29']) }),
    task({ id: 'ended', nodeId: 'n1', status: status('failed'), networks: on(['10.0.5.4/29']) }),
    task({ id: 'elsewhere', nodeId: 'n2', status: status('running'), networks: on(['10.0.5.5/29']) }),
    task({ id: 'other', nodeId: 'n1', status: status('running'), networks: on(['10.0.6.2/29'], 'm') }),
  ];
  expect(writeNetworkContainers('n', 'n1', tasks)).toEqual({
    [containerId]: {
      Name: 'c1',
      EndpointID: 'a',
      MacAddress: '02:42:0a:00:05:02',
      IPv4Address: '10.0.5.2/29',
      IPv6Address: 'fd00::2/64',
    },
    t: {
      Name: 'web.1.t',
      EndpointID: 't',
      MacAddress: '02:42:0a:00:05:03',
      IPv4Address: '10.0.5.3/29',
      IPv6Address: '',
    },
  });
});
