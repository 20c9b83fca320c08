import { expect, it } from 'vitest';
import { PendingWork } from './pending_work.ts';

it('waits for what was begun, what began meanwhile and what fails', async () => {
  const pending = new PendingWork();
  const log: string[] = [];
  let endFirst: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    endFirst = resolve;
  }).then(() => {
    log.push('first');
    pending.add(Promise.reject(new Error('second'))).catch(() => log.push('second failed'));
  });
  pending.add(first).catch((error: unknown) => log.push(String(error)));
  const settled = pending.settled().then(() => log.push('settled'));
  await Promise.resolve();
  expect(log).toEqual([]);
  endFirst();
  await settled;
  expect(log).toEqual(['first', 'second failed', 'settled']);
  await pending.settled();
});
