import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../test/support/virtual_clock.ts';
import { firstAnswer } from './hedge.ts';

/** Who answers what after how many milliseconds; never: silent. */
type Script = Readonly<Record<string, readonly [afterMs: number, answer: string] | 'silent' | 'fails'>>;

async function transcript(script: Script): Promise<string[]> {
  const clock = new VirtualClock(0);
  const lines: string[] = [];
  const answer = firstAnswer(clock, {
    order: Object.keys(script),
    ask: (who) => {
      lines.push(`${clock.now()} ask ${who}`);
      const how = script[who] ?? 'silent';
      if (how === 'fails') {
        return Promise.reject(new Error('refused'));
      }
      return new Promise((resolve) => {
        if (how !== 'silent') {
          clock.after(how[0], () => resolve(how[1]));
        }
      });
    },
    isRefusal: (text) => text === 'SERVFAIL',
    nextMs: 700,
    limitMs: 2_000,
  }).then((text) => {
    lines.push(`${clock.now()} ${text ?? 'nothing'}`);
  });
  for (let step = 0; step < 40; step += 1) {
    await clock.advance(100);
  }
  await answer;
  return lines;
}

describe('asking several', () => {
  it.each<readonly [what: string, script: Script, lines: readonly string[]]>([
    ['the first answers', { a: [20, 'yes'], b: [20, 'no'] }, ['0 ask a', '20 yes']],
    ['the first fails', { a: 'fails', b: [20, 'yes'] }, ['0 ask a', '0 ask b', '20 yes']],
    ['the first is silent', { a: 'silent', b: [20, 'yes'] }, ['0 ask a', '700 ask b', '720 yes']],
    [
      'the first is late and still first',
      { a: [750, 'yes'], b: [90, 'no'] },
      ['0 ask a', '700 ask b', '750 yes'],
    ],
    ['a refusal is kept', { a: [20, 'SERVFAIL'], b: 'fails' }, ['0 ask a', '20 ask b', '20 SERVFAIL']],
    ['better than a refusal', { a: [20, 'SERVFAIL'], b: [20, 'yes'] }, ['0 ask a', '20 ask b', '40 yes']],
    ['all are silent', { a: 'silent', b: 'silent' }, ['0 ask a', '700 ask b', '2000 nothing']],
    ['nobody is there', {}, ['0 nothing']],
  ])('%s', async (_what, script, lines) => {
    expect(await transcript(script)).toEqual(lines);
  });
});
