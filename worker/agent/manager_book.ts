// Which manager to ask next for a session: those that the last session told of, and those that managers without one to
// give have named since. The list alone can grow old: a node that was cut off while all on it were demoted finds the
// others by what these still know.
import { SkeinError } from '../../shared/errors.ts';
import type { ManagerPeer } from '../../shared/protocol/dispatcher.ts';

/** Named addresses that are kept, the newest first: more than a cluster has managers. */
const NAMED_MAX = 16;
/** `host:port`; it came by the network. */
const ADDRESS = /^[0-9A-Za-z.:[\]%-]{1,255}:\d{1,5}$/;

export class ManagerBook {
  private told: readonly ManagerPeer[];
  private named: readonly string[] = [];
  private hint: string | undefined;
  private turn = 0;

  /** @param managers as last told, or the address used to join */
  constructor(managers: readonly ManagerPeer[]) {
    this.told = managers;
  }

  get managers(): readonly ManagerPeer[] {
    return this.told;
  }

  /** The leader's word: it knows all. */
  tell(managers: readonly ManagerPeer[]): void {
    if (managers.length > 0) {
      this.told = managers;
      this.named = [];
    }
  }

  /** The leader where one was named a moment ago, else all in turn; undefined when none is known. */
  next(): string | undefined {
    const { hint, turn } = this;
    const known = [...new Set([...this.told.map(({ address }) => address), ...this.named])];
    this.hint = undefined;
    this.turn += 1;
    return hint ?? known[turn % Math.max(known.length, 1)];
  }

  /** Why there was no session; a manager that does not lead says who may. */
  failed(asked: string | undefined, error: unknown): void {
    if (!(error instanceof SkeinError) || error.code !== 'not-leader') {
      return;
    }
    const { leaderAddress: leader = '', managerAddresses: others = '' } = error.data;
    this.hint = ADDRESS.test(leader) && leader !== asked ? leader : undefined;
    const heard = [leader, ...others.split(' ')].filter((address) => ADDRESS.test(address));
    this.named = [...new Set([...heard, ...this.named])].slice(0, NAMED_MAX);
  }
}
