// Twenty seconds of fuzzing, and every input that once broke something. The seed is always the same, so that a change
// is judged by itself; others are tried by SKEIN_FUZZ_SEED and, for longer, by `npm run fuzz -- --seconds 600 --seed S`.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../shared/random.ts';
import { allTargets } from './all_targets.ts';
import { fuzz, Inputs, outcomeOf } from './fuzzer.ts';
import { mutate } from './mutate.ts';
import { type FuzzTarget, FuzzFinding } from './target.ts';

const SECONDS = 20;
const SEED = Number(process.env['SKEIN_FUZZ_SEED'] ?? '1');
const KEPT = join(import.meta.dirname, 'regressions');
const targets = await allTargets();

describe('valid inputs', () => {
  it.each(targets.map((target) => [target.name, target] as const))('%s', async (_name, target) => {
    try {
      const { seeds } = await Inputs.open(target, 1);
      const outcomes = [];
      for (const seed of seeds) {
        outcomes.push(await outcomeOf(target, seed));
      }
      // A target whose valid inputs are refused tests its door alone.
      expect(outcomes).toContain('accepted');
    } finally {
      await target.close?.();
    }
  });
});

describe('inputs that once broke something', () => {
  // Named `<target's name with dashes>@<what it was>`.
  const files = readdirSync(KEPT).filter((name) => name.includes('@'));
  const opened = new Set<FuzzTarget>();
  const targetOf = (file: string) => {
    const target = targets.find(({ name }) => name.replaceAll(/[^a-z0-9]+/gi, '-') === file.split('@')[0]);
    if (target === undefined) {
      throw new Error(`${file} is named after no target`);
    }
    opened.add(target);
    return target;
  };
  beforeAll(async () => {
    for (const target of new Set(files.map(targetOf))) {
      await target.seeds(seededRandom(1));
    }
  });
  afterAll(async () => {
    for (const target of opened) {
      await target.close?.();
    }
  });
  it.each(files)('%s', async (file) => {
    expect(await outcomeOf(targetOf(file), readFileSync(join(KEPT, file)))).toMatch(/accepted|refused/);
  });
});

describe('the fuzzer', () => {
  const broken: FuzzTarget = {
    name: 'broken',
    form: 'bytes',
    seeds: () => [Buffer.from('a valid input')],
    run: (input) => {
      if (input.includes(0)) {
        throw new TypeError('cannot read properties of undefined');
      }
    },
  };

  it('finds a decoder that throws what is no SkeinError, and says with which input', async () => {
    const { findings } = await fuzz([broken], { seed: 1, until: performance.now() + 5_000, maxFindings: 1 });
    expect(findings).toMatchObject([{ target: 'broken', problem: expect.stringContaining('TypeError') }]);
    const again = (await Inputs.open(broken, 1)).at(findings[0]?.number ?? -1);
    expect(again).toEqual(findings[0]?.input);
  });

  it('makes the same input of the same seed, and others of others', () => {
    const seed = Buffer.from('\n{"a":[1,2,{"b":"text"}],"c":null}');
    const made = (number: number) => mutate('json', seed, [seed], seededRandom(number)).toString();
    expect(made(5)).toBe(made(5));
    expect(new Set(Array.from({ length: 50 }, (_, number) => made(number))).size).toBeGreaterThan(40);
  });

  it('takes a finding of its own for one, whatever the decoder throws', async () => {
    const finding: FuzzTarget = {
      ...broken,
      run: () => {
        throw new FuzzFinding('x');
      },
    };
    expect(await outcomeOf(finding, Buffer.alloc(1))).toBeInstanceOf(FuzzFinding);
  });
});

it(
  `${SECONDS} s of seed ${SEED} find nothing worse than a typed error`,
  async () => {
    const until = performance.now() + SECONDS * 1000;
    const { findings, inputs } = await fuzz(targets, { seed: SEED, until, maxFindings: 5 });
    expect(findings.map(({ target, number, problem }) => `${target} ${number}: ${problem}`)).toEqual([]);
    expect(inputs).toBeGreaterThan(1_000);
  },
  SECONDS * 4_000,
);
