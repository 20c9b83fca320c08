import { describe, expect, it } from 'vitest';
import { LineJoiner, parseLogLine } from './cri_log.ts';

describe('conmon log lines', () => {
  it.each([
    ['2026-11-20T21:56:22.184297689+00:00 stdout F hello', 184, 297689, 'stdout', false, 'hello'],
    ['2026-11-20T22:56:22.5+01:00 stderr P a b ', 500, 0, 'stderr', true, 'a b '],
    ['2026-11-20T21:56:22Z stdout F ', 0, 0, 'stdout', false, ''],
  ])('%s', (line, ms, nanos, stream, partial, text) => {
    const piece = parseLogLine(Buffer.from(line));
    expect(piece).toMatchObject({
      timestamp: Date.UTC(2026, 10, 20, 21, 56, 22) + ms,
      nanos,
      stream,
      partial,
    });
    expect(Buffer.from(piece?.data ?? []).toString()).toBe(text);
  });

  it.each([
    '',
    'hello',
    '2026-11-20T21:56:22Z stdout X a',
    'yesterday stdout F a',
    '2026-11-20T21:56:22Z stdin F a',
  ])('is no line: %j', (line) => {
    expect(parseLogLine(Buffer.from(line))).toBeUndefined();
  });

  it('joins pieces by stream', () => {
    const joiner = new LineJoiner();
    const add = (line: string): string | undefined => {
      const piece = parseLogLine(Buffer.from(`2026-11-20T21:56:22Z ${line}`));
      const joined = piece === undefined ? undefined : joiner.add(piece);
      return joined === undefined ? undefined : `${joined.stream}:${Buffer.from(joined.data).toString()}`;
    };
    expect([add('stdout P ab'), add('stderr F x'), add('stdout P cd'), add('stdout F e')]).toEqual([
      undefined,
      'stderr:x',
      undefined,
      'stdout:abcde',
    ]);
  });
});
