import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { ChildAbort } from './child_abort.ts';

const listeners = ({ signal }: AbortController): number => getEventListeners(signal, 'abort').length;

describe('a child of a signal', () => {
  it('is aborted with its parent, for the same reason', () => {
    const parent = new AbortController();
    const child = new ChildAbort(parent.signal);
    parent.abort('over');
    expect(child.signal.reason).toBe('over');
    expect(new ChildAbort(parent.signal).signal.reason).toBe('over');
  });

  it('is aborted alone, once, and leaves nothing at its parent', () => {
    const parent = new AbortController();
    const child = new ChildAbort(parent.signal);
    expect(listeners(parent)).toBe(1);
    child.abort('first');
    child.abort('second');
    expect([child.signal.reason, parent.signal.aborted, listeners(parent)]).toEqual(['first', false, 0]);
  });

  it('follows the first of several, and leaves nothing at the others', () => {
    const [one, two] = [new AbortController(), new AbortController()];
    const child = new ChildAbort(one.signal, two.signal);
    two.abort('second');
    one.abort('first');
    expect([child.signal.reason, listeners(one)]).toEqual(['second', 0]);
    expect(new ChildAbort(new AbortController().signal, two.signal).signal.reason).toBe('second');
  });

  it('leaves nothing at its parent when it is released either, and goes on', () => {
    const parent = new AbortController();
    const child = new ChildAbort(parent.signal);
    child.release();
    parent.abort();
    expect([child.signal.aborted, listeners(parent)]).toEqual([false, 0]);
  });
});
