// Proposals whose fate is not known, and those that were lost: what may follow them.
import { describe, expect, it } from 'vitest';
import { SkeinError } from '../../shared/errors.ts';
import { Proposals } from './proposals.ts';

const TIMEOUT_MS = 30_000;

/** A leader's core that places everything from entry 7 on. */
function placing() {
  let next = 7;
  return (batch: readonly Uint8Array[]) => {
    const firstIndex = next;
    next += batch.length;
    return { ok: true, firstIndex, term: 2 } as const;
  };
}

async function expired(): Promise<Proposals> {
  const proposals = new Proposals(TIMEOUT_MS);
  const first = proposals.add(Buffer.from('create x'), proposals.basis, 0);
  proposals.offer(placing());
  proposals.expire(TIMEOUT_MS + 1);
  await expect(first).rejects.toMatchObject({ code: 'proposal-dropped' });
  return proposals;
}

describe('a proposal that no majority confirmed in time', () => {
  it('lets nothing follow that was computed without it, as long as it may be committed', async () => {
    const proposals = await expired();
    await expect(proposals.add(Buffer.from('create x'), proposals.basis, 40_000)).rejects.toMatchObject({
      code: 'earlier-unconfirmed',
      retryable: true,
    });
    proposals.applied(6, 2);
    await expect(proposals.add(Buffer.from('create x'), proposals.basis, 40_000)).rejects.toMatchObject({
      code: 'earlier-unconfirmed',
    });
  });

  it('is of no concern any more once it is applied', async () => {
    const proposals = await expired();
    proposals.applied(7, 2);
    const next = proposals.add(Buffer.from('create y'), proposals.basis, 40_000);
    const place = placing();
    place([Buffer.from('create x')]);
    proposals.offer(place);
    proposals.applied(8, 2);
    expect(await next).toBe(8);
  });

  it('is of no concern any more once this member has lost leadership', async () => {
    const proposals = await expired();
    proposals.dropPlaced(new Error('leadership was lost'));
    const next = proposals.add(Buffer.from('create y'), proposals.basis, 40_000);
    proposals.offer(placing());
    proposals.applied(7, 2);
    expect(await next).toBe(7);
  });
});

describe('a proposal that builds on another one', () => {
  it('is not taken when that one was lost before', async () => {
    const proposals = new Proposals(TIMEOUT_MS);
    const { basis } = proposals;
    const first = proposals.add(Buffer.from('create x'), basis, 0);
    proposals.offer(placing());
    proposals.dropPlaced(new Error('leadership was lost'));
    await expect(first).rejects.toThrow('leadership was lost');
    await expect(proposals.add(Buffer.from('update x'), basis, 0)).rejects.toMatchObject({
      code: 'earlier-unconfirmed',
    });
    const anew = proposals.add(Buffer.from('create x'), proposals.basis, 0);
    proposals.offer(placing());
    proposals.applied(7, 2);
    expect(await anew).toBe(7);
  });

  it('is not taken when that one was refused', async () => {
    const proposals = new Proposals(TIMEOUT_MS);
    const { basis } = proposals;
    const refusal = new SkeinError('unavailable', 'not-leader', 'ask another one');
    await expect(proposals.add(Buffer.from('create x'), basis, 0, refusal)).rejects.toBe(refusal);
    await expect(proposals.add(Buffer.from('update x'), basis, 0)).rejects.toMatchObject({
      code: 'earlier-unconfirmed',
    });
  });

  it('goes with that one when nobody took it in time', async () => {
    const proposals = new Proposals(TIMEOUT_MS);
    const both = [0, 5_000].map((now) => proposals.add(Buffer.from('x'), proposals.basis, now));
    proposals.offer(() => ({ ok: false, reason: 'transferring' }));
    proposals.expire(TIMEOUT_MS + 1);
    for (const outcome of await Promise.allSettled(both)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'proposal-dropped' } });
    }
    const taken: Uint8Array[] = [];
    proposals.offer((batch) => {
      taken.push(...batch);
      return { ok: true, firstIndex: 7, term: 2 };
    });
    expect(taken).toEqual([]);
  });
});
