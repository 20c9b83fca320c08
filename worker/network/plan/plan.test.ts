// The plan of a network's namespace as text, and what a change of the view changes in the kernel.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkView } from '../../../shared/model/view.ts';
import { type TestTask, serviceOf, viewOf } from '../test/views.ts';
import { type KernelObject, describeObject, diff, keyOf, stateOf } from './kernel_state.ts';
import { type NetworkPlanInput, planNetwork } from './plan.ts';

const hosts = [1, 2, 300].map((index, position) => ({
  ...{ name: `h${position + 1}`, index, address: `192.0.2.${position + 1}` },
}));
const tasks: TestTask[] = [
  { id: 'taska0000001', host: 1, address: '10.5.0.11' },
  { id: 'taskb0000002', host: 2, address: '10.5.0.12' },
  { id: 'taskc0000003', host: 3, address: '10.5.0.13', state: 'draining' },
  { id: 'taskd0000004', host: 2, address: '10.5.0.14', state: 'starting' },
];

function input(view: NetworkView, more: Partial<NetworkPlanInput> = {}): NetworkPlanInput {
  return {
    view,
    identity: { nodeId: 'h1', overlayIndex: 1, vtepAddress: '192.0.2.1', dataPathPort: 4789 },
    locals: [{ taskId: 'taska0000001', address: '10.5.0.11', hostPorts: [] }],
    transfer: { host: '198.18.0.0', inside: '198.18.0.1' },
    mtu: 1450,
    uplinkMtu: 1500,
    connectionsPerTask: 65_536,
    ...more,
  };
}

function lines(plan: ReturnType<typeof planNetwork>): string[] {
  return Array.from(plan.state.values(), describeObject);
}

const view = viewOf(hosts, 'net1', '10.5.0.0/24', [serviceOf('web', '10.5.0.2', tasks)]);

describe('the plan of an overlay', () => {
  it('routes to local tasks by their link and to others by their node', () => {
    expect(lines(planNetwork(input(view)))).toEqual([
      'address 10.5.0.1/32 dev lo',
      'route unreachable 10.5.0.0/24 table 254',
      'link vxlan0 vxlan mac 02:73:6b:00:00:01 mtu 1450 vni 4097 local 192.0.2.1 port 4789',
      'link up uplink mac 02:73:6b:ff:00:01 mtu 1500',
      'address 198.18.0.1/31 dev up',
      'route unicast 0.0.0.0/0 table 254 via 198.18.0.0 dev up',
      'neighbour 169.254.0.2 mac 02:73:6b:00:00:02 dev vxlan0',
      'forwarding 02:73:6b:00:00:02 to 192.0.2.2 dev vxlan0',
      'neighbour 169.254.1.44 mac 02:73:6b:00:01:2c dev vxlan0',
      'forwarding 02:73:6b:00:01:2c to 192.0.2.3 dev vxlan0',
      'link t-taska0000001 task mac 02:73:6b:ff:00:01 mtu 1450',
      'neighbour 10.5.0.11 mac 02:42:0a:05:00:0b dev t-taska0000001',
      'route unicast 10.5.0.11/32 table 254 dev t-taska0000001',
      'address 10.5.0.2/32 dev lo',
      'route unicast 10.5.0.12/32 table 254 via 169.254.0.2 dev vxlan0',
      'route unicast 10.5.0.13/32 table 254 via 169.254.1.44 dev vxlan0',
      'route unicast 10.5.0.14/32 table 254 via 169.254.0.2 dev vxlan0',
    ]);
  });

  it('gives the ingress network a way back by mark for every peer', () => {
    const plan = planNetwork(input({ ...view, ingress: true }));
    expect(lines(plan).filter((line) => /^rule|table 10/.test(line))).toEqual([
      'route unicast 0.0.0.0/0 table 100002 via 169.254.0.2 dev vxlan0',
      'rule 1002 fwmark 2 table 100002',
      'route unicast 0.0.0.0/0 table 100300 via 169.254.1.44 dev vxlan0',
      'rule 1300 fwmark 300 table 100300',
    ]);
    expect(plan.balance.peers).toEqual([
      { mac: '02:73:6b:00:00:02', mark: 2 },
      { mac: '02:73:6b:00:01:2c', mark: 300 },
    ]);
  });

  it('has no way out when internal', () => {
    const text = lines(planNetwork(input(view, { transfer: undefined }))).join('\n');
    expect(text).not.toMatch(/ up |0\.0\.0\.0\/0/);
  });

  it('balances over serving endpoints, keeps draining ones, leaves out starting ones', () => {
    expect(planNetwork(input(view)).balance.vips).toEqual([
      {
        serviceId: 'service-web',
        address: '10.5.0.2',
        backends: [
          { address: '10.5.0.11', draining: false },
          { address: '10.5.0.12', draining: false },
          { address: '10.5.0.13', draining: true },
        ],
      },
    ]);
  });

  it('routes nothing outside its subnets, whatever the view says', () => {
    const odd = viewOf(hosts, 'net1', '10.5.0.0/24', [
      serviceOf('web', '10.5.0.2', [{ id: 'x', host: 2, address: '10.9.0.12' }]),
    ]);
    expect(lines(planNetwork(input(odd))).join('\n')).not.toContain('10.9.0.12');
  });
});

describe('the difference', () => {
  const before = planNetwork(input(view)).state;

  it.each([
    ['nothing changed', tasks, []],
    [
      'a replica went',
      tasks.slice(0, 3),
      ['remove route unicast 10.5.0.14/32 table 254 via 169.254.0.2 dev vxlan0'],
    ],
    [
      'a replica came',
      [...tasks, { id: 'e', host: 2, address: '10.5.0.15' }],
      ['put route unicast 10.5.0.15/32 table 254 via 169.254.0.2 dev vxlan0'],
    ],
    [
      'an address moved to another node: replaced in one step',
      tasks.map((task) => (task.address === '10.5.0.12' ? { ...task, host: 3 } : task)),
      ['put route unicast 10.5.0.12/32 table 254 via 169.254.1.44 dev vxlan0'],
    ],
  ])('%s', (_, now, expected) => {
    const after = planNetwork(
      input(viewOf(hosts, 'net1', '10.5.0.0/24', [serviceOf('web', '10.5.0.2', now)])),
    );
    expect(
      diff(before, after.state).map(({ action, object }) => `${action} ${describeObject(object)}`),
    ).toEqual(expected);
  });

  it('makes a changed link anew, with all that hung on it', () => {
    const after = planNetwork(input(view, { mtu: 1350 })).state;
    const changes = diff(before, after).map(({ action, object }) => `${action} ${keyOf(object)}`);
    expect(changes.slice(0, 4)).toEqual([
      'remove link vxlan0',
      'remove link t-taska0000001',
      'put link vxlan0',
      'put link t-taska0000001',
    ]);
    expect(changes).toContain('put neighbour 169.254.0.2 vxlan0');
    expect(changes).toContain('put route 10.5.0.12/32 table 254');
    expect(changes).not.toContain('put route 10.5.0.0/24 table 254');
  });

  it('leads from any state to any other', () => {
    const object = fc.oneof(
      fc.record({
        type: fc.constant('route' as const),
        destination: fc.constantFrom('10.0.0.1/32', '10.0.0.2/32'),
        table: fc.constantFrom(254, 100),
        kind: fc.constant('unicast' as const),
        link: fc.constantFrom('a', 'b'),
      }),
      fc.record({
        type: fc.constant('link' as const),
        name: fc.constantFrom('a', 'b'),
        kind: fc.constant('task' as const),
        mac: fc.constant('02:00:00:00:00:01'),
        mtu: fc.constantFrom(1450, 1500),
      }),
    );
    const state = fc.array(object).map((objects) => {
      const all = stateOf(objects);
      // No object hangs on a link that is not there.
      return new Map([...all].filter(([, item]) => !('link' in item) || all.has(`link ${item.link}`)));
    });
    fc.assert(
      fc.property(state, state, (from, to) => {
        const kernel = new Map<string, KernelObject>(from);
        for (const { action, object: item } of diff(from, to)) {
          if (action === 'put') {
            kernel.set(keyOf(item), item);
            continue;
          }
          kernel.delete(keyOf(item));
          for (const [key, other] of item.type === 'link' ? [...kernel] : []) {
            if ('link' in other && item.type === 'link' && other.link === item.name) {
              kernel.delete(key);
            }
          }
        }
        const sorted = (map: ReadonlyMap<string, KernelObject>): string[] =>
          Array.from(map.values(), describeObject).sort();
        expect(sorted(kernel)).toEqual(sorted(to));
      }),
    );
  });
});
