// A plan made from the last one is the plan made from nothing, and what it says was touched is all that differs.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NetworkView } from '../../../shared/model/view.ts';
import { type TestTask, serviceOf, viewOf } from '../test/views.ts';
import { type KernelObject, appliedTo, describeObject } from './kernel_state.ts';
import { type LocalAttachment, type NetworkPlanInput, planNetwork } from './plan.ts';
import { PlanMemory, changesOf } from './plan_memory.ts';

const hosts = [1, 2, 3].map((index) => ({ name: `h${index}`, index, address: `192.0.2.${index}` }));

function input(view: NetworkView, locals: readonly LocalAttachment[]): NetworkPlanInput {
  return {
    view,
    identity: { nodeId: 'h1', overlayIndex: 1, vtepAddress: '192.0.2.1', dataPathPort: 4789 },
    locals,
    transfer: { host: '198.18.0.0', inside: '198.18.0.1' },
    mtu: 1450,
    uplinkMtu: 1500,
    connectionsPerTask: 65_536,
  };
}

const local = (number: number): LocalAttachment => ({
  taskId: `local${number}`,
  address: `10.5.0.${100 + number}`,
  hostPorts: [],
});
/** The same object each time, as the node's own tasks are. */
const locals = [0, 1, 2, 3].map(local);

const task: fc.Arbitrary<TestTask> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd'),
  host: fc.integer({ min: 1, max: 3 }),
  // Few, so that addresses move from one service to another, and to this node's tasks.
  address: fc.integer({ min: 98, max: 104 }).map((last) => `10.5.0.${last}`),
  state: fc.constantFrom('starting' as const, 'serving' as const, 'draining' as const),
});
const turn = fc.record({
  hosts: fc.constantFrom(hosts, hosts.slice(0, 2)),
  ingress: fc.boolean(),
  services: fc.array(fc.array(task, { maxLength: 3 }), { maxLength: 4 }),
  locals: fc.subarray(locals),
});

function lines(state: ReadonlyMap<string, KernelObject>): string[] {
  return Array.from(state.values(), describeObject).sort();
}

describe('plan by plan', () => {
  it('comes to what a plan from nothing says, and touches what it changes', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 8 }), (turns) => {
        const memory = new PlanMemory();
        let kernel = new Map<string, KernelObject>();
        let balanced = new Set<string>();
        turns.forEach((one, number) => {
          const services = one.services.map((tasks, index) =>
            serviceOf(`s${index}`, `10.5.0.${2 + index}`, tasks, {
              ports: [{ name: '', protocol: 'tcp', published: 8000 + index, target: 80, mode: 'ingress' }],
            }),
          );
          const view = viewOf(one.hosts, 'net1', '10.5.0.0/24', services, { ingress: one.ingress });
          const wanted = planNetwork(input(view, one.locals));
          const step = memory.next(input(view, one.locals));
          expect(lines(step.plan.state)).toEqual(lines(wanted.state));
          expect(step.plan.balance).toEqual(wanted.balance);
          kernel = appliedTo(kernel, changesOf(kernel, step, number > 0));
          expect(lines(kernel)).toEqual(lines(wanted.state));
          const now = new Set(
            [...wanted.balance.vips, ...wanted.balance.ports].flatMap(({ backends }) =>
              backends.map(({ address }) => address),
            ),
          );
          for (const address of balanced) {
            expect(step.gone.includes(address), address).toBe(!now.has(address) && balanced.has(address));
          }
          balanced = now;
        });
      }),
      { numRuns: 300 },
    );
  });

  it('takes what did not change from the last plan', () => {
    const memory = new PlanMemory();
    const of = (last: number): NetworkView =>
      viewOf(hosts, 'net1', '10.5.0.0/24', [
        serviceOf('one', '10.5.0.2', [{ id: 'a', host: 2, address: '10.5.0.11' }]),
        serviceOf('two', '10.5.0.3', [{ id: 'b', host: 3, address: `10.5.0.${last}` }]),
      ]);
    const [before] = memory.next(input(of(20), [])).plan.balance.vips;
    const step = memory.next(input(of(21), []));
    expect(step.plan.balance.vips[0]).toBe(before);
    expect([...(step.touched ?? [])]).toEqual([
      'address 10.5.0.3/32 lo',
      'route 10.5.0.20/32 table 254',
      'route 10.5.0.21/32 table 254',
    ]);
    expect(step.gone).toEqual(['10.5.0.20']);
  });
});
