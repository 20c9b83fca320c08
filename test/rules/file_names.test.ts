import { describe, expect, it } from 'vitest';
import { readSources } from './layering.ts';

const root = new URL('../..', import.meta.url).pathname;

/** Words in lower case, joined by `_`; generated code is named after its messages. */
function misnamed(paths: readonly string[]): string[] {
  return paths
    .filter((path) => !path.startsWith('shared/wire/generated/'))
    .filter((path) =>
      path.split('/').some((part) => !/^(?:[a-z0-9]+(?:_[a-z0-9]+)*|lab-vm)(?:\.[a-z]+)*$/.test(part)),
    );
}

describe('names of source files', () => {
  it('are in snake case', () => {
    expect(misnamed(readSources(root).map(({ path }) => path))).toEqual([]);
  });

  it.each(['worker/kernel/net-link.ts', 'cli/hiddenInput.ts', 'cli/Run.ts'])('would not be %s', (path) => {
    expect(misnamed([path])).toEqual([path]);
  });
});
