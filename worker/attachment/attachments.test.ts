// The containers' side without any manager; with one: test/loops/attachments.test.ts.
import { beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../shared/log.ts';
import { seededRandom } from '../../shared/random.ts';
import { task } from '../../test/support/objects.ts';
import { settle, VirtualClock } from '../../test/support/virtual_clock.ts';
import { NodeAttachments } from './attachments.ts';
import type { AttachmentsMessage } from './api.ts';
import type { HeldClaim } from './claim_file.ts';

let clock: VirtualClock;
let disk: readonly HeldClaim[];
let full: boolean;

beforeEach(() => {
  clock = new VirtualClock();
  disk = [];
  full = false;
});

async function open(seed = 1) {
  const attachments = new NodeAttachments({
    clock,
    random: seededRandom(seed),
    logger: silentLogger,
    file: {
      load: async () => disk,
      save: async (held) => {
        if (full) {
          throw new Error('ENOSPC');
        }
        disk = held;
      },
      flush: async () => undefined,
    },
  });
  await attachments.start();
  const said: AttachmentsMessage[] = [];
  const lost: string[] = [];
  attachments.onLost(({ reason }) => lost.push(reason));
  const session = () => attachments.opened((message) => said.push(message));
  const ask = (letter = 'a', target = 'att', signal = new AbortController().signal) => {
    const request = {
      containerId: letter.repeat(64),
      containerName: `c${letter}`,
      networks: [{ target, aliases: [] }],
    };
    return attachments.attach(request, signal).then(
      (given) => given.flatMap(({ addresses }) => addresses).join(),
      (error: Error) => error.message,
    );
  };
  /** The managers give what was asked for last. */
  const give = async (address: string) => {
    const claim = said.flatMap(({ claims }) => claims).at(-1);
    if (claim !== undefined) {
      const networks = [{ networkId: 'net', addresses: [address], aliases: [] }];
      attachments.assigned([task({ id: `t${address}`, attachment: claim, networks })]);
    }
    await settle();
  };
  const transcript = () =>
    said.splice(0).map(({ complete, claims, released }) => {
      const names = claims.map(({ containerName, target, addresses }) =>
        [containerName, target, ...addresses].join(' '),
      );
      return `${complete ? 'all' : 'more'} +${names.join(', +')} -${released.length}`;
    });
  return { attachments, session, ask, give, said, transcript, lost };
}

describe('a daemon that starts', () => {
  it('lets containers wait for its membership', async () => {
    const { attachments, session, ask, give, transcript } = await open();
    const answer = ask();
    await settle();
    attachments.enter();
    attachments.settle();
    session();
    await give('10.0.5.2/24');
    expect(await answer).toBe('10.0.5.2/24');
    expect(transcript()).toEqual(['all +ca att -0']);
  });

  it('tells them when it is in no swarm', async () => {
    const { attachments, ask } = await open();
    const answer = ask();
    attachments.settle();
    expect([await answer, await ask('b')]).toEqual(
      Array(2).fill(expect.stringContaining('this node is in no swarm')),
    );
  });

  it('keeps what its last life held for containers that live, and what it has given itself', async () => {
    const first = await open();
    first.attachments.enter();
    first.session();
    for (const [letter, address] of [
      ['a', '10.0.5.2/24'],
      ['b', '10.0.5.3/24'],
      ['c', '10.0.5.4/24'],
    ] as const) {
      const answer = first.ask(letter);
      await first.give(address);
      await answer;
    }
    const second = await open(2);
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => letter.repeat(64));
    expect(second.attachments.attached(a ?? '')).toEqual([
      { networkId: 'net', addresses: ['10.0.5.2/24'], aliases: [] },
    ]);
    // Its restart policy starts `b` anew before it is told who lives.
    expect(await second.ask('b')).toBe('10.0.5.3/24');
    const late = second.ask('d');
    await second.attachments.retain(new Set([a ?? '']));
    second.attachments.enter();
    second.session();
    expect(second.transcript()).toEqual(['all +ca net 10.0.5.2, +cb net 10.0.5.3, +cd att -0']);
    expect(second.attachments.attached(b ?? '')).toHaveLength(1);
    expect(second.attachments.attached(c ?? '')).toEqual([]);
    second.attachments.settle();
    await clock.advance(30_000);
    await settle();
    expect(await late).toContain('no manager gave addresses');
  });
});

describe('a container', () => {
  it('that does not wait any longer holds nothing', async () => {
    const { attachments, session, ask, transcript, lost } = await open();
    attachments.enter();
    session();
    const abort = new AbortController();
    const answer = ask('a', 'att', abort.signal);
    await settle();
    abort.abort(new Error('the user is gone'));
    expect(await answer).toBe('the user is gone');
    expect(transcript()).toEqual(['all + -0', 'more +ca att -0', 'more + -1']);
    expect(lost).toEqual([]);
  });

  it('that is released while it waits is told', async () => {
    const { attachments, session, ask } = await open();
    attachments.enter();
    session();
    const answer = ask();
    await settle();
    await attachments.release('a'.repeat(64));
    expect(await answer).toContain('left the network again');
  });

  it('does not have what cannot be written down', async () => {
    const { attachments, session, ask, give, transcript } = await open();
    attachments.enter();
    session();
    full = true;
    const answer = ask();
    await settle();
    await give('10.0.5.2/24');
    expect(await answer).toBe('ENOSPC');
    expect(transcript().at(-1)).toBe('more + -1');
    expect(attachments.attached('a'.repeat(64))).toEqual([]);
  });

  it('asks for no nonsense, and no more than a node may', async () => {
    const { attachments, ask } = await open();
    attachments.enter();
    expect(await ask('g')).toContain('64 hexadecimal digits');
    expect(await ask('a', '')).toContain('id or name');
    const many = Array.from({ length: 1_001 }, (_, at) => ({ target: `n${at}`, aliases: [] }));
    const request = { containerId: 'a'.repeat(64), containerName: 'a', networks: many };
    await expect(attachments.attach(request, new AbortController().signal)).rejects.toThrow('stop some');
    expect(attachments.attached('a'.repeat(64))).toEqual([]);
  });

  it('loses what the managers refuse it later', async () => {
    const { attachments, session, ask, give, said, lost } = await open();
    attachments.enter();
    session();
    const answer = ask();
    await settle();
    await give('10.0.5.2/24');
    await answer;
    const claimId = said.flatMap(({ claims }) => claims)[0]?.id ?? '';
    attachments.refused([{ claimId, code: 'address-taken', message: 'Address already in use' }]);
    await settle();
    expect(lost).toEqual(['Address already in use']);
    expect(disk).toEqual([]);
  });
});
