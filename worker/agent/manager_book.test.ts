import { describe, expect, it } from 'vitest';
import { SkeinError } from '../../shared/errors.ts';
import { ManagerBook } from './manager_book.ts';

const peers = (...addresses: readonly string[]) =>
  addresses.map((address, index) => ({ nodeId: `node${index}`, address }));
const notLeader = (data: Readonly<Record<string, string>>) =>
  new SkeinError('unavailable', 'not-leader', 'this manager is not the leader', { data });
const turns = (book: ManagerBook, count: number) => Array.from({ length: count }, () => book.next());

describe('the managers to ask', () => {
  it('are those that were told, in turn', () => {
    expect(turns(new ManagerBook(peers('a:1', 'b:1')), 3)).toEqual(['a:1', 'b:1', 'a:1']);
    expect(new ManagerBook([]).next()).toBeUndefined();
  });

  it('are first the leader that one of them names, and it later too', () => {
    const book = new ManagerBook(peers('a:1', 'b:1'));
    book.failed(book.next(), notLeader({ leaderAddress: 'c:1' }));
    expect(book.next()).toBe('c:1');
    book.failed('c:1', new SkeinError('unavailable', 'unreachable', 'no answer'));
    expect(turns(book, 3)).toEqual(['c:1', 'a:1', 'b:1']);
  });

  it('are not the one that names itself, again at once', () => {
    const book = new ManagerBook(peers('a:1', 'b:1'));
    book.failed(book.next(), notLeader({ leaderAddress: 'a:1' }));
    expect(book.next()).toBe('b:1');
  });

  it('are also the members that one without a leader knows', () => {
    const book = new ManagerBook(peers('a:1'));
    book.failed(book.next(), notLeader({ leaderAddress: '', managerAddresses: 'a:1 [fd00::2]:1' }));
    expect(turns(book, 2).toSorted()).toEqual(['[fd00::2]:1', 'a:1']);
  });

  it('are the told ones alone again when a session tells of them', () => {
    const book = new ManagerBook(peers('a:1'));
    book.failed('a:1', notLeader({ leaderAddress: 'c:1' }));
    book.next();
    book.tell([]);
    book.tell(peers('b:1'));
    expect([turns(book, 2), book.managers]).toEqual([['b:1', 'b:1'], peers('b:1')]);
  });

  it('are bounded in number, and no nonsense', () => {
    const book = new ManagerBook([]);
    const many = Array.from({ length: 40 }, (_, index) => `m${index}:1`);
    book.failed(
      undefined,
      notLeader({ leaderAddress: 'no address', managerAddresses: `x y:99999999 ${many.join(' ')}` }),
    );
    expect(new Set(turns(book, 60))).toEqual(new Set(many.slice(0, 16)));
  });
});
