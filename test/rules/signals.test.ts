import { describe, expect, it } from 'vitest';
import { readSources, type SourceFile } from './layering.ts';

const root = new URL('../..', import.meta.url).pathname;

/** shared/child_abort.ts says why not. */
function composites(files: readonly SourceFile[]): string[] {
  return files
    .filter(({ path, text }) => !/^test\/rules\/|\.test\.ts$/.test(path) && text.includes('AbortSignal.any('))
    .map(({ path }) => path);
}

describe('signals made of several', () => {
  it('are children of one', () => {
    expect(composites(readSources(root))).toEqual([]);
  });

  it('would be found', () => {
    const file = { path: 'worker/x.ts', text: 'const both = AbortSignal.any([a, b]);' };
    expect(composites([file])).toEqual(['worker/x.ts']);
  });
});
