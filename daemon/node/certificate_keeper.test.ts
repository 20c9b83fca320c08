// When a certificate is renewed and when a role is taken up, on a virtual clock.
import { describe, expect, it } from 'vitest';
import { CurrentIdentity, type Identity } from '../../shared/identity/identity.ts';
import { silentLogger } from '../../shared/log.ts';
import type { NodeRole } from '../../shared/model/node.ts';
import { settle, VirtualClock } from '../../test/support/virtual_clock.ts';
import { CertificateKeeper } from './certificate_keeper.ts';

const FAR_MS = 1_000_000;

/** A keeper whose managers answer with these roles in turn; undefined refuses. The last one stays. */
function keep(start: NodeRole, answers: (NodeRole | undefined)[], listed = start === 'manager') {
  const clock = new VirtualClock();
  const identity = new CurrentIdentity({ nodeId: 'n1', role: start } as Identity);
  const told: string[] = [];
  const keeper = new CertificateKeeper(
    {
      clock,
      log: silentLogger,
      identity,
      renewals: {
        renew: async (before) => {
          const role = answers.length > 1 ? answers.shift() : answers[0];
          if (role === undefined) {
            throw new Error('still a member of the managers');
          }
          told.push(`renewed as ${role}`);
          return { ...before, role };
        },
        renewAt: () => clock.now() + FAR_MS,
      },
      save: async () => undefined,
      managers: () => ['192.0.2.1:2377'],
      onRole: async (role) => {
        told.push(`takes up ${role}`);
      },
    },
    { listed },
  );
  keeper.start();
  const advance = async (ms: number): Promise<string[]> => {
    await clock.advance(ms);
    await settle();
    return told.splice(0);
  };
  return { keeper, advance };
}

describe('the certificate keeper', () => {
  it('renews in time, and takes up no role by that', async () => {
    const { advance } = keep('worker', ['worker']);
    expect(await advance(FAR_MS - 1)).toEqual([]);
    expect(await advance(2)).toEqual(['renewed as worker']);
  });

  it('promoted: renewed at once, and takes up the role', async () => {
    const { keeper, advance } = keep('worker', ['manager']);
    keeper.noteDesiredRole('manager', false);
    expect(await advance(10)).toEqual(['renewed as manager', 'takes up manager']);
    keeper.noteDesiredRole('manager', true);
    expect(await advance(60_000)).toEqual([]);
  });

  it('a manager that raft let go before its process began takes up its role anew after a while', async () => {
    const { keeper, advance } = keep('manager', ['manager'], false);
    keeper.noteDesiredRole('manager', false);
    expect(await advance(15_000)).toEqual([]);
    keeper.noteDesiredRole('manager', false);
    expect(await advance(6_000)).toEqual(['renewed as manager', 'takes up manager']);
  });

  it('a worker that is promoted has all the time to be written down, however long it was none of them', async () => {
    const { keeper, advance } = keep('worker', ['manager'], false);
    keeper.noteDesiredRole('worker', false);
    expect(await advance(19_500)).toEqual([]);
    keeper.noteDesiredRole('manager', false);
    expect(await advance(2_000)).toEqual(['renewed as manager', 'takes up manager']);
    keeper.noteDesiredRole('manager', true);
    expect(await advance(60_000)).toEqual([]);
  });

  it('a worker is never among the managers, and stays what it is', async () => {
    const { keeper, advance } = keep('worker', ['worker'], false);
    keeper.noteDesiredRole('worker', false);
    expect(await advance(60_000)).toEqual([]);
  });

  it('demoted: refused until raft has let go, then a worker', async () => {
    const { keeper, advance } = keep('manager', [undefined, 'worker']);
    keeper.noteDesiredRole('worker', true);
    expect(await advance(10)).toEqual([]);
    expect(await advance(500)).toEqual(['renewed as worker', 'takes up worker']);
  });

  it('demoted with an old certificate: one that is renewed for its age is no role to take up', async () => {
    const { keeper, advance } = keep('manager', ['manager', 'worker']);
    keeper.noteDesiredRole('worker', true);
    expect(await advance(10)).toEqual(['renewed as manager']);
    expect(await advance(500)).toEqual(['renewed as worker', 'takes up worker']);
  });

  it('demoted and promoted again before raft let go: it stays', async () => {
    const { keeper, advance } = keep('manager', [undefined, 'manager']);
    keeper.noteDesiredRole('worker', true);
    await advance(10);
    keeper.noteDesiredRole('manager', true);
    expect(await advance(5_000)).toEqual(['renewed as manager']);
  });

  it('demoted and promoted again before its certificate changed: it joins the managers anew', async () => {
    const { keeper, advance } = keep('manager', [undefined, 'manager']);
    keeper.noteDesiredRole('worker', true);
    await advance(10);
    keeper.noteDesiredRole('manager', false);
    expect(await advance(500)).toEqual(['renewed as manager', 'takes up manager']);
    // A list from before it was let in again says nothing new.
    keeper.noteDesiredRole('manager', false);
    keeper.noteDesiredRole('manager', true);
    expect(await advance(5_000)).toEqual([]);
  });

  it('a manager in nobody’s list, which missed its demotion and its promotion, joins anew', async () => {
    const { keeper, advance } = keep('manager', ['manager']);
    keeper.noteDesiredRole('manager', true);
    expect(await advance(1_000)).toEqual([]);
    keeper.noteDesiredRole('manager', false);
    expect(await advance(10)).toEqual(['renewed as manager', 'takes up manager']);
  });

  it('a manager that has just joined and is not written down yet stays', async () => {
    const { keeper, advance } = keep('manager', ['manager'], false);
    keeper.noteDesiredRole('manager', false);
    keeper.noteDesiredRole('manager', true);
    expect(await advance(5_000)).toEqual([]);
  });
});
