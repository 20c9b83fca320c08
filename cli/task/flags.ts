// The flags of every list of tasks.
import { text, toggle } from '../flags/flag.ts';
import { filterFlag } from '../opts/filter.ts';

export const TASK_LIST_FLAGS = {
  filter: filterFlag(undefined, 'f'),
  format: text('Pretty-print tasks using a Go template'),
  'no-resolve': toggle('Do not map IDs to Names'),
  'no-trunc': toggle('Do not truncate output'),
  quiet: toggle('Only display task IDs', 'q'),
};
