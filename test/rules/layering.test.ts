import { describe, expect, it } from 'vitest';
import { layeringViolations, readSources } from './layering.ts';

const root = new URL('../..', import.meta.url).pathname;

describe('who may import whom', () => {
  it('holds for every source file', () => {
    const sources = readSources(root);
    expect(sources.length).toBeGreaterThan(50);
    expect(layeringViolations(sources)).toEqual([]);
  });

  // The gate must be able to fail: each forbidden edge, seen once.
  it.each([
    ['manager/store/x.ts', "import { a } from '../../worker/agent/a.ts';"],
    ['worker/agent/x.ts', "import type { A } from '../../manager/store/api.ts';"],
    ['manager/scheduler/x.ts', "import { a } from '../orchestrator/a.ts';"],
    ['manager/raft/core/x.ts', "import { readFileSync } from 'node:fs';"],
    ['manager/raft/core/x.ts', "import { assert } from '../../../shared/errors.ts';"],
    ['shared/x.ts', "import { a } from '../manager/store/a.ts';"],
    ['shared/identity/x.ts', "import { a } from '../rpc/a.ts';"],
    ['cli/x.ts', "import { a } from '../shared/errors.ts';"],
    ['daemon/x.ts', "const a = await import('../manager/main.ts');"],
    ['manager/control/x.ts', "import { a } from '../../shared/wire/generated/a.ts';"],
    ['worker/network/plan/x.ts', "import { a } from '../host/a.ts';"],
    ['worker/network/host/x.ts', "import { a } from '../namespace/a.ts';"],
    ['somewhere/x.ts', ''],
  ])('refuses %s with %s', (path, text) => {
    expect(layeringViolations([{ path, text }])).toHaveLength(1);
  });
});
