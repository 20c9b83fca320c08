// A manager that was one before is started again until it works, and is given the time that its log takes.
import { expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import { VirtualClock } from '../../test/support/virtual_clock.ts';
import { ManagerSupervisor } from './manager_supervisor.ts';
import type { NodeState } from './state_file.ts';

const state = { managers: [], advertiseAddress: '10.0.0.1:2377', listenAddress: '0.0.0.0:2377' };

function supervised() {
  const clock = new VirtualClock();
  const starts: { ready: (nodeId: string) => void; fail: (error: Error) => void }[] = [];
  const supervisor = new ManagerSupervisor(
    {
      clock,
      log: silentLogger,
      createManager: () => ({
        running: false,
        start: () => new Promise((ready, fail) => starts.push({ ready, fail })),
        stop: async () => undefined,
      }),
      connectLocal: () => ({ close: () => undefined }) as never,
    },
    {
      ...{ directory: '', certificates: '', socket: '', logLevel: 'info' },
      ...{ lockKey: () => undefined, onLock: () => undefined },
    },
  );
  return { clock, starts, supervisor };
}

it('a manager that reads its log for long is not waited for, nor ended', async () => {
  const { clock, starts, supervisor } = supervised();
  let resumed = false;
  const resuming = supervisor.resume(state as unknown as NodeState).then(() => {
    resumed = true;
  });
  await clock.advance(19_000);
  expect([resumed, supervisor.error]).toEqual([false, '']);
  await clock.advance(1_000);
  await resuming;
  expect([supervisor.local, supervisor.error]).toEqual([undefined, 'it is still reading its log']);
  await clock.advance(600_000);
  starts[0]?.ready('node1');
  await clock.advance(0);
  expect([starts.length, supervisor.local === undefined, supervisor.error]).toEqual([1, false, '']);
});

it('one that cannot start is started again, later each time', async () => {
  const { clock, starts, supervisor } = supervised();
  const resuming = supervisor.resume(state as unknown as NodeState);
  starts[0]?.fail(new Error('no room'));
  await resuming;
  expect(supervisor.error).toBe('no room');
  await clock.advance(500);
  starts[1]?.fail(new Error('no room'));
  await clock.advance(500);
  expect(starts).toHaveLength(2);
  await clock.advance(500);
  expect(starts).toHaveLength(3);
});
