// Proposals whose fate is not known: what may follow them.
import { describe, expect, it } from 'vitest';
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
  const first = proposals.add(Buffer.from('create x'), 0, undefined);
  proposals.offer(placing());
  proposals.expire(TIMEOUT_MS + 1);
  await expect(first).rejects.toMatchObject({ code: 'proposal-dropped' });
  return proposals;
}

describe('a proposal that no majority confirmed in time', () => {
  it('lets nothing follow that was computed without it, as long as it may be committed', async () => {
    const proposals = await expired();
    await expect(proposals.add(Buffer.from('create x'), 40_000, undefined)).rejects.toMatchObject({
      code: 'earlier-unconfirmed',
      retryable: true,
    });
    proposals.applied(6, 2);
    await expect(proposals.add(Buffer.from('create x'), 40_000, undefined)).rejects.toMatchObject({
      code: 'earlier-unconfirmed',
    });
  });

  it('is of no concern any more once it is applied', async () => {
    const proposals = await expired();
    proposals.applied(7, 2);
    const next = proposals.add(Buffer.from('create y'), 40_000, undefined);
    const place = placing();
    place([Buffer.from('create x')]);
    proposals.offer(place);
    proposals.applied(8, 2);
    expect(await next).toBe(8);
  });

  it('is of no concern any more once this member has lost leadership', async () => {
    const proposals = await expired();
    proposals.dropPlaced(new Error('leadership was lost'));
    const next = proposals.add(Buffer.from('create y'), 40_000, undefined);
    proposals.offer(placing());
    proposals.applied(7, 2);
    expect(await next).toBe(7);
  });
});
