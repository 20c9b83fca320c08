// Asks several for one answer: one after the other, the next as soon as one fails or is late, all within a limit.
// Knows nothing of DNS.
import type { Clock, Timer } from '../../../shared/clock.ts';

export interface Hedge<Who, Answer> {
  readonly order: readonly Who[];
  readonly ask: (who: Who) => Promise<Answer>;
  /** An answer that says nothing: kept for want of a better one. */
  readonly isRefusal: (answer: Answer) => boolean;
  /** After so long the next is asked beside. */
  readonly nextMs: number;
  /** The whole takes no longer. */
  readonly limitMs: number;
}

/** The first good answer, else the first refusal; undefined when there is none by the limit. */
export function firstAnswer<Who, Answer>(
  clock: Clock,
  { order, ask, isRefusal, nextMs, limitMs }: Hedge<Who, Answer>,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    let refusal: Answer | undefined;
    let asked = 0;
    let pending = 0;
    let ended = false;
    let timer: Timer | undefined;
    const limit = clock.after(limitMs, () => end(refusal));
    const end = (answer: Answer | undefined): void => {
      ended = true;
      limit.cancel();
      timer?.cancel();
      resolve(answer);
    };
    const settle = (answer: Answer | undefined): void => {
      pending -= 1;
      if (ended) {
        return;
      }
      if (answer !== undefined && !isRefusal(answer)) {
        end(answer);
        return;
      }
      refusal ??= answer;
      next();
    };
    const next = (): void => {
      timer?.cancel();
      if (asked < order.length) {
        const who = order[asked] as Who;
        asked += 1;
        pending += 1;
        timer = clock.after(nextMs, next);
        ask(who).then(settle, () => settle(undefined));
      } else if (pending === 0) {
        end(refusal);
      }
    };
    next();
  });
}
