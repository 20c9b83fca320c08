// What goes wrong in a history: a list drawn from the seed alone, so that it can be printed, shortened and run again.
import { type Random, randomInt } from '../../shared/random.ts';

export const FAULT_KINDS = [
  'power-loss',
  'kill-manager',
  'kill-agent',
  'pause',
  'partition',
  'one-way',
  'isolate',
  'weather',
  'slow-disk',
  'sync-fails',
  'disk-full',
  'clock-jump',
  'transfer',
  'promote',
  'demote',
  'task-exits',
  'tasks-fail',
  'drain',
  'all-power-loss',
  'leader-dies',
  'leader-cut',
  'leader-pauses',
  'machine-lost',
  'machine-added',
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  /** Virtual time, ms. */
  readonly at: number;
  readonly kind: FaultKind;
  /** Chooses the machine: the number modulo what there is. */
  readonly who: number;
  readonly other: number;
  readonly forMs: number;
  /** In [0, 1): how bad. */
  readonly amount: number;
}

/** How often each happens, relative to the others. */
const WEIGHTS: Readonly<Record<FaultKind, number>> = {
  'power-loss': 8,
  'kill-manager': 5,
  'kill-agent': 3,
  pause: 5,
  partition: 6,
  'one-way': 4,
  isolate: 5,
  weather: 5,
  'slow-disk': 4,
  'sync-fails': 3,
  'disk-full': 3,
  'clock-jump': 3,
  transfer: 4,
  promote: 4,
  demote: 4,
  'task-exits': 4,
  'tasks-fail': 1,
  drain: 2,
  'all-power-loss': 1,
  'leader-dies': 5,
  'leader-cut': 8,
  'leader-pauses': 3,
  // Drawn apart, below.
  'machine-lost': 0,
  'machine-added': 0,
};

export function drawFaults(random: Random, from: number, to: number): readonly Fault[] {
  const faults: Fault[] = [];
  const meanMs = 300 + random.next() * 1_200;
  for (let at = from; ; ) {
    at += -Math.log(1 - random.next()) * meanMs;
    if (at >= to) {
      return faults;
    }
    faults.push({
      at: Math.round(at),
      kind: drawKind(random),
      who: randomInt(random, 0, 59),
      other: randomInt(random, 0, 59),
      forMs: randomInt(random, 200, 5_000),
      amount: random.next(),
    });
  }
}

/** Machines that are lost for good and replaced, or added: a few in a history. */
export function drawMachineFaults(random: Random, from: number, to: number): readonly Fault[] {
  return Array.from({ length: randomInt(random, 1, 4) }, () => ({
    at: Math.round(from + random.next() * (to - from)),
    kind: random.next() < 0.6 ? ('machine-lost' as const) : ('machine-added' as const),
    who: randomInt(random, 0, 59),
    other: randomInt(random, 0, 59),
    forMs: 0,
    amount: random.next(),
  }));
}

function drawKind(random: Random): FaultKind {
  let left = random.next() * Object.values(WEIGHTS).reduce((sum, weight) => sum + weight, 0);
  for (const kind of FAULT_KINDS) {
    left -= WEIGHTS[kind];
    if (left < 0) {
      return kind;
    }
  }
  return 'power-loss';
}

export function faultLine(fault: Fault): string {
  const { at, kind, who, other, forMs, amount } = fault;
  return `${String(at).padStart(6)} ms  ${kind.padEnd(14)} who ${who} other ${other} for ${forMs} ms amount ${amount.toFixed(2)}`;
}
