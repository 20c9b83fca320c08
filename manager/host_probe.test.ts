// A host that refuses lives; one that nobody answers for does not.
import { expect, it } from 'vitest';
import { systemClock } from '../shared/clock.ts';
import { hostLives } from './host_probe.ts';

it('takes a refusal for life and everything else for death', async () => {
  // Nobody listens on 2377 of this loopback address.
  expect(await hostLives(systemClock, '127.77.1.3')).toBe(true);
  // Nobody can be there: the broadcast address is no host.
  expect(await hostLives(systemClock, '255.255.255.255')).toBe(false);
  expect(await hostLives(systemClock, '')).toBe(false);
});
