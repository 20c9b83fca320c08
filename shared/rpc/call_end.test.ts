// The end of a call: who is told, and when.
import { describe, expect, it } from 'vitest';
import { CallEnd, whenEnded } from './call_end.ts';

function listeningTo(listen: (listener: (reason: unknown) => void) => () => void) {
  const heard: unknown[] = [];
  const stop = listen((reason) => heard.push(reason));
  return { heard, stop };
}

describe('the end of a call', () => {
  it('is told once, with the first reason, to listeners and by the signal', () => {
    const end = new CallEnd();
    const { heard } = listeningTo((listener) => end.whenEnded(listener));
    const { signal } = end;
    end.end('cancelled');
    end.end('late');
    expect(heard).toEqual(['cancelled']);
    expect([signal.aborted, signal.reason]).toEqual([true, 'cancelled']);
  });

  it('is told at once to whoever asks after it', () => {
    const end = new CallEnd();
    end.end('cancelled');
    expect(listeningTo((listener) => end.whenEnded(listener)).heard).toEqual(['cancelled']);
    expect([end.isOver, end.signal.aborted, end.signal.reason]).toEqual([true, true, 'cancelled']);
  });

  it('is not told to those who listen no more', () => {
    const end = new CallEnd();
    const { heard, stop } = listeningTo((listener) => end.whenEnded(listener));
    stop();
    end.end('cancelled');
    expect(heard).toEqual([]);
  });

  it('is heard by the signal of a context that has nothing cheaper', () => {
    const controller = new AbortController();
    const context = { peer: { kind: 'local' }, signal: controller.signal } as const;
    const first = listeningTo((listener) => whenEnded(context, listener));
    const gone = listeningTo((listener) => whenEnded(context, listener));
    gone.stop();
    controller.abort('gone');
    const late = listeningTo((listener) => whenEnded(context, listener));
    expect([first.heard, gone.heard, late.heard]).toEqual([['gone'], [], ['gone']]);
  });
});
