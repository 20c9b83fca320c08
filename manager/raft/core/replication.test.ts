// How entries and snapshots reach the others, as conversations: what is sent, what is counted, what is kept of the log.
import { beforeEach, describe, expect, it } from 'vitest';
import { Group, member } from './test/group.ts';
import type { MessageOf } from './types.ts';

describe('replication', () => {
  it('probes with one message, then sends ahead', () => {
    const group = new Group(3, { maxMessageBytes: 40 });
    group.tick([1], 11);
    group.deliver();
    group.down.add(3);
    for (const text of ['a', 'b', 'c']) {
      group.propose(1, text);
    }
    group.deliver();
    group.do(1, (core) => core.reportUnreachable(3));
    group.transcript();
    group.propose(1, 'd');
    group.propose(1, 'e');
    expect(group.transcript().filter((line) => line.startsWith('1>3'))).toEqual([
      '1>3 append t1 2-2 after 1@1 commit 4',
    ]);
    group.down.clear();
    group.deliver();
    expect(
      group
        .transcript()
        .filter((line) => /1>3|3>1/.test(line))
        .slice(0, 5),
    ).toEqual([
      '3>1 append-response t1 2',
      '1>3 append t1 3-3 after 2@1 commit 5',
      '1>3 append t1 4-4 after 3@1 commit 5',
      '1>3 append t1 5-5 after 4@1 commit 5',
      '1>3 append t1 6-6 after 5@1 commit 5',
    ]);
    group.run(1);
    expect(group.core(3).status().committed).toBe(6);
  });

  it('tells of a commit with the next entries or heartbeat, of a change of members at once', () => {
    const group = lead(new Group(3));
    group.down.add(3);
    group.transcript();
    group.propose(1, 'a');
    group.deliver();
    group.propose(1, 'b');
    group.deliver();
    expect(group.transcript().filter((line) => /1>2|2>1/.test(line))).toEqual([
      '1>2 append t1 2-2 after 1@1 commit 1',
      '2>1 append-response t1 2',
      '1>2 append t1 3-3 after 2@1 commit 2',
      '2>1 append-response t1 3',
    ]);
    expect([group.core(1).status().committed, group.core(2).status().committed]).toEqual([3, 2]);
    group.tick([1]);
    group.deliver();
    expect(group.core(2).status().committed).toBe(3);
    group.transcript();
    group.do(1, (core) => core.proposeChange({ op: 'remove', raftId: 2 }));
    group.deliver();
    expect(group.transcript()).toContain('1>2 append t1 nothing after 4@1 commit 4');
    expect(group.core(2).members()).toEqual([member(1), member(3)]);
  });

  it('finds where logs part by whole terms and overwrites what was never committed', () => {
    const group = lead(new Group(3));
    group.down.add(1);
    for (const text of ['lost 1', 'lost 2', 'lost 3']) {
      group.propose(1, text);
    }
    group.network = [];
    group.run(40);
    const leader = [2, 3].find((id) => group.core(id).status().role === 'leader') ?? 0;
    group.propose(leader, 'kept');
    group.deliver();
    group.down.clear();
    group.run(15);
    expect(group.texts(1)).toEqual(['kept']);
    expect(group.core(1).status().lastTerm).toBe(group.core(leader).status().term);
  });

  it('commits by counting only entries of the own term (paper, figure 8)', () => {
    const group = lead(new Group(3, { maxMessageBytes: 40 }));
    group.down.add(2).add(3);
    group.propose(1, 'old');
    group.network = [];
    group.run(25);
    group.tick([2], 10);
    group.down.delete(2);
    group.slowDisks.add(1);
    group.do(1, (core) => core.campaign());
    group.deliverOnce();
    group.deliverOnce();
    group.finishWrite(1);
    group.deliverOnce();
    group.deliverOnce();
    expect(group.core(1).status()).toMatchObject({ role: 'leader', term: 2, lastIndex: 3 });
    while (group.core(1).progress().get(2)?.match !== 2) {
      group.deliverOnce();
    }
    // A majority stores entry 2 of term 1; that alone commits nothing.
    expect(group.core(1).status()).toMatchObject({ stable: 2, committed: 1 });
    group.finishWrite(1);
    group.deliver();
    expect(group.core(1).status().committed).toBe(3);
  });

  it('counts the own copy only when it is on disk, while followers get it at once', () => {
    const group = lead(new Group(3));
    group.slowDisks.add(1);
    group.down.add(3);
    group.transcript();
    group.propose(1, 'a');
    group.deliver();
    expect(group.transcript()).toContain('2>1 append-response t1 2');
    expect(group.core(1).status().committed).toBe(1);
    group.finishWrite(1);
    expect(group.core(1).status().committed).toBe(2);
    expect(group.texts(1)).toEqual(['a']);
  });

  it('stops at a full window and goes on as answers come', () => {
    const group = lead(new Group(3, { maxInflightMessages: 3 }));
    group.transcript();
    for (const text of ['a', 'b', 'c', 'd', 'e']) {
      group.propose(1, text);
    }
    const to2 = () => group.transcript().filter((line) => line.startsWith('1>2 append'));
    expect(to2().map((line) => line.split(' ')[3])).toEqual(['2-2', '3-3', '4-4']);
    group.deliverOnce();
    group.transcript();
    group.deliverOnce();
    expect(to2().map((line) => line.split(' ')[3])[0]).toBe('5-6');
    group.run(2);
    expect(group.texts(2)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('stops at a window full of bytes', () => {
    const group = lead(new Group(3, { maxInflightBytes: 2_000 }));
    group.transcript();
    for (let count = 0; count < 5; count += 1) {
      group.propose(1, 'x'.repeat(1_000));
    }
    expect(group.transcript().filter((line) => line.startsWith('1>2 append'))).toHaveLength(2);
    group.run(2);
    expect(group.texts(3)).toHaveLength(5);
  });

  it('refuses more than may be uncommitted, but never a first proposal', () => {
    const group = lead(new Group(3, { maxUncommittedBytes: 100 }));
    expect(group.propose(1, 'x'.repeat(500))).toMatchObject({ ok: true });
    expect(group.propose(1, 'y')).toEqual({ ok: false, reason: 'uncommitted-full' });
    group.deliver();
    expect(group.propose(1, 'y')).toMatchObject({ ok: true });
  });
});

describe('a snapshot', () => {
  let group: Group;

  beforeEach(() => {
    group = lead(new Group(3));
    group.down.add(3);
    for (const text of ['a', 'b', 'c', 'd']) {
      group.propose(1, text);
    }
    group.deliver();
    group.compact(1, 4);
    group.down.clear();
    group.transcript();
  });

  const snapshots = () =>
    group.network.filter((message): message is MessageOf<'snapshot'> => message.kind === 'snapshot');

  it('brings up a follower whose entries are compacted away', () => {
    group.run(2);
    group.do(1, (core) => core.reportSnapshot(3, true));
    group.run(2);
    const lines = group.transcript().filter((line) => /1>3|3>1/.test(line) && !line.includes('heartbeat'));
    expect(lines).toEqual([
      '1>3 append t1 nothing after 5@1 commit 5',
      '3>1 append-reject t1 5 hint 1@1',
      '1>3 snapshot t1 5@1',
      '3>1 append-response t1 5',
    ]);
    expect(group.core(3).status()).toMatchObject({ committed: 5, applied: 5, firstIndex: 6 });
    group.propose(1, 'e');
    group.run(2);
    expect(group.texts(3)).toEqual(['e']);
  });

  it('is sent again after it was aborted, and nothing else goes to that follower meanwhile', () => {
    group.tick([1]);
    group.deliverOnce();
    group.deliverOnce();
    group.deliverOnce();
    group.deliverOnce();
    expect(snapshots()).toHaveLength(1);
    group.network = group.network.filter((message) => message.kind !== 'snapshot');
    group.transcript();
    group.propose(1, 'e');
    group.deliver();
    expect(group.transcript().filter((line) => line.startsWith('1>3 append'))).toEqual([]);
    group.do(1, (core) => core.reportSnapshot(3, false));
    expect(group.network).toEqual([]);
    group.run(3);
    expect(group.transcript()).toContain('1>3 snapshot t1 5@1');
    group.do(1, (core) => core.reportSnapshot(3, true));
    group.run(3);
    expect(group.core(3).status().applied).toBe(6);
  });

  it('that is older than what a follower has changes nothing', () => {
    group.run(1);
    group.transcript();
    const before = group.core(2).status();
    const old = { index: 1, term: 1, members: [member(1)] };
    group.do(2, (core) => core.step({ kind: 'snapshot', from: 1, to: 2, term: 1, snapshot: old }));
    expect(group.core(2).status()).toEqual(before);
    expect(group.transcript()).toEqual(['2>1 append-response t1 5']);
  });
});

describe('what is kept of the log behind a snapshot', () => {
  it('is bounded by entries and by bytes', () => {
    const group = lead(new Group(1));
    for (let count = 0; count < 9; count += 1) {
      group.propose(1, 'x'.repeat(1_000));
    }
    const core = group.core(1);
    expect(core.status().lastIndex).toBe(10);
    expect(core.tailStart(10, 500, 100_000)).toBe(0);
    expect(core.tailStart(10, 4, 100_000)).toBe(6);
    expect(core.tailStart(10, 500, 3_500)).toBe(7);
    expect(core.tailStart(10, 500, 10)).toBe(10);
    expect(core.tailStart(8, 2, 100_000)).toBe(6);
  });
});

/** Member 1 leads, all is quiet. */
function lead(group: Group): Group {
  group.tick([1], 11);
  group.deliver();
  return group;
}
