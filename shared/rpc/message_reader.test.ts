// Messages from pieces of any size, within a caller's limits.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_CALLS_PER_WORKER, MAX_STRANGER_CALLS, MAX_UNREAD_BYTES_PER_WORKER } from './limits.ts';
import { MessageReader } from './message_reader.ts';
import { CallerQuota } from './quota.ts';

function counting(limit: number) {
  const held = { now: 0, most: 0 };
  const budget = {
    take(bytes: number) {
      const fits = held.now + bytes <= limit;
      held.now += fits ? bytes : 0;
      held.most = Math.max(held.most, held.now);
      return fits;
    },
    give(bytes: number) {
      held.now -= bytes;
    },
  };
  return { held, budget };
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

describe('the reader', () => {
  it('gives the messages that were sent, in whatever pieces they come, and holds nothing afterwards', () => {
    const sent = fc.array(fc.uint8Array({ maxLength: 5000 }), { maxLength: 6 });
    const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(sent, cuts, (messages, sizes) => {
        const { held, budget } = counting(100_000);
        const reader = new MessageReader({ budget }, { maxMessageBytes: 5000, firstBytes: 1024 });
        const bytes = Buffer.concat(messages.map(framed));
        const read: Buffer[] = [];
        for (let at = 0, piece = 0; at < bytes.length; piece += 1) {
          const size = sizes[piece % sizes.length] ?? 1;
          read.push(...reader.write(bytes.subarray(at, at + size)));
          at += size;
        }
        expect(read).toEqual(messages.map((message) => Buffer.from(message)));
        expect(held.now).toBe(0);
      }),
    );
  });

  it('takes memory for what has come, not for what is announced', () => {
    const { held, budget } = counting(1_000_000);
    const reader = new MessageReader({ budget }, { maxMessageBytes: 4_000_000, firstBytes: 1024 });
    const whole = framed(Buffer.alloc(4_000_000));
    for (let at = 0; at < 10_000; at += 1) {
      reader.write(whole.subarray(at, at + 1));
    }
    expect(held.now).toBeGreaterThanOrEqual(10_000);
    expect(held.now).toBeLessThanOrEqual(20_000);
    reader.release();
    expect(held.now).toBe(0);
  });

  it('refuses a message above the limit by its prefix, and one beyond the budget', () => {
    const { budget } = counting(2000);
    const refusing = new MessageReader({ budget }, { maxMessageBytes: 100, firstBytes: 1024 });
    expect(() => refusing.write(framed(Buffer.alloc(101)).subarray(0, 5))).toThrow('101 bytes');
    const greedy = new MessageReader({ budget }, { maxMessageBytes: 10_000, firstBytes: 1024 });
    expect(() => greedy.write(framed(Buffer.alloc(3000)))).toThrow('too many unfinished messages');
  });
});

describe('the quota', () => {
  const worker = (nodeId: string) =>
    ({ kind: 'node', role: 'worker', nodeId, clusterId: 'c', address: '' }) as const;

  it('counts the calls of each worker by itself, and of all strangers together', () => {
    const quota = new CallerQuota();
    for (let count = 0; count < MAX_CALLS_PER_WORKER; count += 1) {
      quota.enter(worker('one'));
    }
    expect(() => quota.enter(worker('one'))).toThrow(expect.objectContaining({ code: 'too-many-calls' }));
    quota.enter(worker('two'));
    for (let count = 0; count < MAX_STRANGER_CALLS; count += 1) {
      quota.enter({ kind: 'stranger', address: `${count}` });
    }
    const refusal = expect.objectContaining({ code: 'too-many-strangers' });
    expect(() => quota.enter({ kind: 'stranger', address: 'one more' })).toThrow(refusal);
  });

  it('a call that left makes room once, however often it says so', () => {
    const quota = new CallerQuota();
    const calls = Array.from({ length: MAX_CALLS_PER_WORKER }, () => quota.enter(worker('one')));
    calls[0]?.leave();
    calls[0]?.leave();
    quota.enter(worker('one'));
    expect(() => quota.enter(worker('one'))).toThrow();
  });

  it("one worker's unread bytes are no other's", () => {
    const quota = new CallerQuota();
    const [one, same, two] = [
      quota.enter(worker('one')),
      quota.enter(worker('one')),
      quota.enter(worker('two')),
    ];
    expect(one?.budget.take(MAX_UNREAD_BYTES_PER_WORKER)).toBe(true);
    expect(same?.budget.take(1)).toBe(false);
    expect(two?.budget.take(1)).toBe(true);
    one?.budget.give(1);
    expect(same?.budget.take(1)).toBe(true);
  });
});
