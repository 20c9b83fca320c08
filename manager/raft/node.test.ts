// Real nodes in one process on real files: the life of a small group.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestCluster, until } from './test/cluster.ts';

describe('a group of consensus nodes', () => {
  let cluster: TestCluster;

  beforeEach(async () => {
    cluster = await TestCluster.make();
  });

  afterEach(async () => {
    const failures = [...cluster.nodes.values()].flatMap((each) => each.failures);
    await cluster.end();
    expect(failures).toEqual([]);
  });

  const text = (value: string): Uint8Array => Buffer.from(value);

  it('of one leads at once, hands back the very bytes, and goes on after a restart', async () => {
    const one = await cluster.bootstrap();
    const told: string[] = [];
    one.node.onLeadership(({ leader, term }) => told.push(`${leader} ${term}`));
    await until('leadership', () => told.length > 0);
    const index = await one.node.propose(text('a'));
    await one.node.propose(text('b'));
    await one.node.readBarrier();
    expect(index).toBe(2);
    expect(one.machine.items).toEqual(['a', 'b']);
    await cluster.stopNode(1);
    expect(told).toEqual(['true 1', 'false 1']);
    const again = await cluster.bootstrap();
    await until('replay', () => again.machine.items.length === 2);
    await again.node.propose(text('c'));
    expect(again.machine.items).toEqual(['a', 'b', 'c']);
  });

  it('of three replicates, refuses on followers, and survives the loss of its leader', async () => {
    const [one, two, three] = await cluster.three();
    await Promise.all(['a', 'b', 'c'].map((item) => one.node.propose(text(item))));
    await expect(two.node.propose(text('x'))).rejects.toMatchObject({
      code: 'not-leader',
      data: { leaderAddress: '10.0.0.1:2377' },
    });
    await two.node.readBarrier();
    expect(two.machine.items).toEqual(['a', 'b', 'c']);
    await cluster.stopNode(1);
    const leader = await cluster.leader();
    await leader.node.propose(text('d'));
    await until('both', () => two.machine.items.length === 4 && three.machine.items.length === 4);
    const back = await cluster.start(1, { kind: 'bootstrap', member: cluster.member(1) });
    await until('the old leader', () => back.machine.items.length === 4);
    expect(back.machine.items).toEqual(three.machine.items);
  });

  it('brings a member that was away up to date by a snapshot', async () => {
    const options = { snapshotEveryEntries: 50, keepEntries: 5 };
    const [one] = await cluster.three(options);
    await cluster.stopNode(3);
    for (let round = 0; round < 12; round += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, at) => one.node.propose(text(`${round}.${at}`))));
    }
    const back = await cluster.start(3, { kind: 'bootstrap', member: cluster.member(3) }, options);
    await until('catching up', () => back.machine.items.length === 240);
    expect(back.machine.items).toEqual(one.machine.items);
    expect(cluster.net.snapshots).toBeGreaterThan(0);
    await cluster.stopNode(3);
    const again = await cluster.start(3, { kind: 'bootstrap', member: cluster.member(3) }, options);
    await until('its own restart', () => again.machine.items.length === 240);
  });

  it('refuses to lose its quorum, removes members, and hands leadership over before the leader goes', async () => {
    const [one, two] = await cluster.three();
    await cluster.stopNode(3);
    await until('silence of 3', () => !one.node.status().active.includes(3));
    await expect(one.node.removeMember(2)).rejects.toMatchObject({ code: 'quorum-loss' });
    await one.node.removeMember(3);
    expect(one.node.status().members.map((member) => member.raftId)).toEqual([1, 2]);
    await expect(one.node.removeMember(1)).rejects.toMatchObject({ code: 'not-leader' });
    await until('2 leads', () => two.node.status().role === 'leader');
    await two.node.propose(text('y'));
    await two.node.updateMemberAddress(1, '10.9.9.9:2377');
    expect(two.node.status().members[0]?.address).toBe('10.9.9.9:2377');
  });

  it('has another leader when a leader stops that was told to hand over', async () => {
    const [one, two, three] = await cluster.three({ transferOnStop: true });
    await one.node.propose(text('a'));
    const { term } = one.node.status();
    await cluster.stopNode(1);
    await until('the successor', () => [two, three].some(({ node }) => node.status().role === 'leader'), 150);
    expect((await cluster.leader()).node.status().term).toBe(term + 1);
  });

  it('drops what a cut-off leader could not commit and keeps one history', async () => {
    const [one, two, three] = await cluster.three();
    await one.node.propose(text('kept'));
    cluster.net.cut(1);
    const lost = expect(one.node.propose(text('lost'))).rejects.toMatchObject({ code: 'proposal-dropped' });
    await until('another leader', () => [two, three].some(({ node }) => node.status().role === 'leader'));
    await lost;
    await expect(one.node.readBarrier(AbortSignal.timeout(100))).rejects.toThrow();
    const next = [two, three].find(({ node }) => node.status().role === 'leader');
    await next?.node.propose(text('next'));
    cluster.net.heal();
    await until('one history', () => one.machine.items.includes('next'));
    expect(one.machine.items).toEqual(['kept', 'next']);
  });

  it('is made anew by its last member when the majority is lost', async () => {
    const [one] = await cluster.three();
    await one.node.propose(text('a'));
    for (const raftId of [1, 2, 3]) {
      await cluster.stopNode(raftId);
    }
    const alone = await cluster.start(
      3,
      { kind: 'bootstrap', member: cluster.member(3) },
      { forceNewCluster: true },
    );
    await until('leading alone', () => alone.node.status().role === 'leader');
    await alone.node.propose(text('b'));
    expect(alone.machine.items).toEqual(['a', 'b']);
    expect(alone.node.status().members.map((member) => member.raftId)).toEqual([3]);
  });
});
