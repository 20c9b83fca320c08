import { describe, expect, it } from 'vitest';
import type { RestartPolicyName } from './api.ts';
import { type EndedRun, restartDelay, startsWithDaemon } from './restart_decision.ts';

const RUN: EndedRun = { exitCode: 0, stoppedByUser: false, restartCount: 0, ranMs: 50, lastDelayMs: 0 };

describe('a container that has ended', () => {
  it.each<[RestartPolicyName, Partial<EndedRun>, number | undefined]>([
    ['no', { exitCode: 1 }, undefined],
    ['always', {}, 100],
    ['always', { stoppedByUser: true }, undefined],
    ['unless-stopped', {}, 100],
    ['unless-stopped', { stoppedByUser: true, exitCode: 137 }, undefined],
    ['on-failure', {}, undefined],
    ['on-failure', { exitCode: 1 }, 100],
    ['on-failure', { exitCode: 1, restartCount: 2, lastDelayMs: 200 }, 400],
    ['on-failure', { exitCode: 1, restartCount: 3, lastDelayMs: 400 }, undefined],
    ['always', { restartCount: 99, lastDelayMs: 51_200 }, 60_000],
    ['always', { restartCount: 99, lastDelayMs: 60_000, ranMs: 10_000 }, 100],
  ])('with policy %s, %o: pause %s', (name, change, delay) => {
    expect(restartDelay({ name, maximumRetryCount: 3 }, { ...RUN, ...change })).toBe(delay);
  });
});

describe('when the daemon starts', () => {
  it.each<[RestartPolicyName, Partial<EndedRun>, boolean]>([
    ['no', { exitCode: 137 }, false],
    ['always', { stoppedByUser: true }, true],
    ['unless-stopped', { exitCode: 137 }, true],
    ['unless-stopped', { stoppedByUser: true }, false],
    ['on-failure', { exitCode: 137 }, true],
    ['on-failure', { exitCode: 0 }, false],
  ])('policy %s, %o: %s', (name, change, starts) => {
    expect(startsWithDaemon({ name, maximumRetryCount: 0 }, { ...RUN, ...change })).toBe(starts);
  });
});
