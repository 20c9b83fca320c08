// Signal names as users write them (`TERM`, `SIGTERM`, `15`, `SIGRTMIN+3`) to numbers.
import { constants } from 'node:os';
import { badSpec } from './errors.ts';

/** glibc keeps 32 and 33 for itself: its SIGRTMIN is 34. */
const RTMIN = 34;
const RTMAX = 64;

/** @throws SkeinError `bad-container-spec` */
export function signalNumber(text: string): number {
  const name = text.trim().toUpperCase().replace(/^SIG/, '');
  const number = /^\d{1,2}$/.test(name) ? Number(name) : named(name);
  if (number === undefined || number < 1 || number > RTMAX) {
    throw badSpec(`invalid signal: ${text}`);
  }
  return number;
}

function named(name: string): number | undefined {
  const realtime = /^RT(MIN|MAX)(?:([+-])(\d{1,2}))?$/.exec(name);
  if (realtime !== null) {
    const [, base, sign, distance = '0'] = realtime;
    return (base === 'MIN' ? RTMIN : RTMAX) + (sign === '-' ? -Number(distance) : Number(distance));
  }
  return Object.entries(constants.signals).find(([known]) => known === `SIG${name}`)?.[1];
}
