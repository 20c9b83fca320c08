// The core's behaviour as transcripts: who sends what to whom. `t` is the term, `i@t` an entry.
import { describe, expect, it } from 'vitest';
import { Group, member } from './test/group.ts';

describe('an election', () => {
  it('asks first who would vote, then for votes, and commits the new term by a no-op', () => {
    const group = new Group(3);
    group.tick([1], 11);
    group.deliver();
    expect(group.transcript()).toEqual([
      '1>2 pre-vote t1 last 0@0',
      '1>3 pre-vote t1 last 0@0',
      '2>1 pre-vote-response t1 yes',
      '3>1 pre-vote-response t1 yes',
      '1>2 vote t1 last 0@0',
      '1>3 vote t1 last 0@0',
      '2>1 vote-response t1 yes',
      '3>1 vote-response t1 yes',
      '1>2 append t1 1-1 after 0@0 commit 0',
      '1>3 append t1 1-1 after 0@0 commit 0',
      '2>1 append-response t1 1',
      '3>1 append-response t1 1',
    ]);
    expect(group.core(1).status()).toMatchObject({ role: 'leader', term: 1, committed: 1 });
  });

  it('is not won before the own vote is on disk, and a vote is not told before either', () => {
    const group = new Group(3);
    group.slowDisks.add(1).add(2);
    group.down.add(3);
    group.tick([1], 11);
    group.deliver();
    expect(group.core(1).status().role).toBe('candidate');
    expect(group.transcript()).not.toContain('2>1 vote-response t1 yes');
    group.finishWrite(2);
    group.deliver();
    expect(group.core(1).status().role).toBe('candidate');
    group.finishWrite(1);
    expect(group.core(1).status().role).toBe('leader');
  });

  it('does not move terms for one who was cut off, and its return disturbs nobody', () => {
    const group = lead(new Group(3));
    group.down.add(3);
    for (let time = 0; time < 60; time += 1) {
      group.run(1);
      group.tick([3]);
    }
    expect(group.core(3).status()).toMatchObject({ role: 'pre-candidate', term: 1 });
    group.down.clear();
    group.run(25);
    expect(group.core(1).status()).toMatchObject({ role: 'leader', term: 1 });
    expect(group.core(3).status()).toMatchObject({ role: 'follower', term: 1, leader: 1 });
  });

  it('is refused by those who hear their leader, even at a higher term', () => {
    const group = lead(new Group(3));
    group.transcript();
    const stranger = {
      kind: 'vote',
      from: 3,
      to: 2,
      term: 9,
      lastIndex: 99,
      lastTerm: 9,
      force: false,
    } as const;
    group.do(2, (core) => core.step(stranger));
    expect(group.transcript()).toEqual([]);
    expect(group.core(2).status().term).toBe(1);
  });

  it('gives one vote a term', () => {
    const group = new Group(3);
    for (const from of [2, 3]) {
      group.do(1, (core) =>
        core.step({ kind: 'vote', from, to: 1, term: 1, lastIndex: 0, lastTerm: 0, force: false }),
      );
    }
    expect(group.transcript()).toEqual(['1>2 vote-response t1 yes', '1>3 vote-response t1 no']);
  });

  it('makes a leader step down that hears from no majority', () => {
    const group = lead(new Group(3));
    group.down.add(2).add(3);
    group.run(10);
    expect(group.core(1).status().role).toBe('leader');
    group.run(10);
    expect(group.core(1).status()).toMatchObject({ role: 'follower', leader: 0 });
    expect(group.propose(1, 'x')).toEqual({ ok: false, reason: 'not-leader' });
  });
});

describe('membership', () => {
  it('makes a learner a voter when it has caught up', () => {
    const group = lead(new Group(1));
    group.propose(1, 'a');
    group.do(1, (core) => core.proposeChange({ op: 'add-learner', member: member(2, true) }));
    group.add(2, [member(1), member(2, true)]);
    expect(group.core(1).members()).toEqual([member(1), member(2, true)]);
    group.run(3);
    expect(group.core(1).members()).toEqual([member(1), member(2)]);
    expect(group.core(2).members()).toEqual([member(1), member(2)]);
    expect(group.texts(2)).toEqual(['a']);
  });

  it('does not count a learner, and takes one change at a time', () => {
    const group = lead(new Group(3, { promoteLearners: false }));
    group.do(1, (core) => core.proposeChange({ op: 'add-learner', member: member(4, true) }));
    expect(group.core(1).proposeChange({ op: 'remove', raftId: 2 })).toEqual({
      ok: false,
      reason: 'change-pending',
    });
    group.add(4, [member(1), member(2), member(3), member(4, true)]);
    group.run(3);
    group.down.add(2).add(3);
    group.propose(1, 'a');
    group.deliver();
    expect(group.core(4).status().lastIndex).toBe(3);
    expect(group.core(1).status().committed).toBe(2);
  });

  it('lets a leader remove itself: it steps down when that is committed and the others go on', () => {
    const group = lead(new Group(3));
    group.do(1, (core) => core.proposeChange({ op: 'remove', raftId: 1 }));
    group.deliver();
    expect(group.core(1).status().role).toBe('follower');
    group.run(40);
    const leader = [2, 3].find((id) => group.core(id).status().role === 'leader') ?? 0;
    group.propose(leader, 'a');
    group.deliver();
    expect(group.texts(leader)).toEqual(['a']);
    expect(group.core(1).status().role).toBe('follower');
  });

  it('does not hang when the one that stays missed the commit of the other one’s removal', () => {
    const group = lead(new Group(2));
    group.do(1, (core) => core.proposeChange({ op: 'remove', raftId: 1 }));
    group.deliverOnce();
    group.deliverOnce();
    group.network = [];
    expect(group.core(1).members()).toEqual([member(2)]);
    expect(group.core(2).members()).toHaveLength(2);
    group.propose(1, 'nobody takes this');
    group.run(60);
    expect(group.core(2).status().role).toBe('leader');
  });

  it('never removes the last voter', () => {
    const group = lead(new Group(1));
    expect(group.core(1).proposeChange({ op: 'remove', raftId: 1 })).toEqual({
      ok: false,
      reason: 'last-voter',
    });
  });
});

describe('a linearizable read', () => {
  it('is granted at the commit index after a majority has answered', () => {
    const group = lead(new Group(3));
    group.propose(1, 'a');
    group.deliver();
    group.do(1, (core) => core.readIndex(71));
    expect(group.grants.get(1)).toEqual([]);
    group.deliver();
    expect(group.grants.get(1)).toEqual([{ requestId: 71, index: 2 }]);
    group.do(2, (core) => core.readIndex(72));
    group.deliver();
    expect(group.grants.get(2)).toEqual([{ requestId: 72, index: 2 }]);
  });

  it('is not granted by an answer to an earlier heartbeat, nor by less than a majority', () => {
    const group = lead(new Group(5));
    group.down.add(3).add(4).add(5);
    group.do(1, (core) => core.readIndex(71));
    group.deliver();
    expect(group.grants.get(1)).toEqual([]);
    const early = { kind: 'heartbeat-response', from: 3, to: 1, term: 1, readSequence: 0 } as const;
    group.do(1, (core) => core.step(early));
    expect(group.grants.get(1)).toEqual([]);
    group.do(1, (core) => core.step({ ...early, readSequence: 1 }));
    expect(group.grants.get(1)).toEqual([{ requestId: 71, index: 1 }]);
  });

  it('is not granted by a leader that was cut off and does not know of its successor', () => {
    const group = lead(new Group(3));
    group.down.add(1);
    group.tick([2, 3], 30);
    group.deliver();
    expect(group.core(1).status().role).toBe('leader');
    group.do(1, (core) => core.readIndex(71));
    group.deliver();
    group.down.clear();
    group.run(5);
    expect(group.grants.get(1)).toEqual([]);
    expect(group.core(1).status().role).toBe('follower');
  });

  it('waits at a new leader until it has committed in its own term', () => {
    const group = new Group(3);
    group.slowDisks.add(2).add(3);
    group.tick([1], 11);
    group.deliverOnce();
    group.deliverOnce();
    group.deliverOnce();
    group.finishWrite(2);
    group.deliverOnce();
    expect(group.core(1).status()).toMatchObject({ role: 'leader', committed: 0 });
    group.do(1, (core) => core.readIndex(71));
    group.deliver();
    expect(group.grants.get(1)).toEqual([]);
    group.finishWrite(2);
    group.deliver();
    expect(group.grants.get(1)).toEqual([{ requestId: 71, index: 1 }]);
  });
});

describe('a transfer of leadership', () => {
  it('brings a lagging follower up first, takes no proposals meanwhile, and needs no time-out', () => {
    const group = lead(new Group(3));
    group.down.add(3);
    group.propose(1, 'a');
    group.deliver();
    group.down.clear();
    group.transcript();
    expect(group.do(1, (core) => core.transferLeader(3))).toBe(true);
    expect(group.propose(1, 'x')).toEqual({ ok: false, reason: 'transferring' });
    group.run(2);
    expect(group.transcript()).toContain('1>3 timeout-now t1');
    expect(group.core(3).status()).toMatchObject({ role: 'leader', term: 2 });
    expect(group.texts(3)).toEqual(['a']);
  });

  it('is given up after one election time-out', () => {
    const group = lead(new Group(3));
    group.down.add(3);
    group.do(1, (core) => core.transferLeader(3));
    group.run(10);
    expect(group.core(1).status()).toMatchObject({ role: 'leader', transferee: 0 });
    expect(group.propose(1, 'a')).toMatchObject({ ok: true });
  });

  it('is refused to a learner and to a stranger', () => {
    const group = lead(new Group(3));
    expect(group.core(1).transferLeader(9)).toBe(false);
  });
});

/** Member 1 leads, all is quiet. */
function lead(group: Group): Group {
  group.tick([1], 11);
  group.deliver();
  return group;
}
