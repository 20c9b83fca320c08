// --filter key=value, given several times, as the API's map of keys to values.
import type { Filters } from '../client/client.ts';
import { UsageError } from '../errors.ts';
import { type Flag, list } from '../flags/flag.ts';

export function filterFlag(
  usage = 'Filter output based on conditions provided',
  short?: string,
): Flag<readonly string[]> {
  const flag = list(usage, short, 'filter');
  return {
    ...flag,
    parse: (value, present) => {
      if (!value.includes('=')) {
        throw new UsageError('invalid filter (want key=value)');
      }
      return flag.parse(value, present);
    },
  };
}

export function toFilters(pairs: readonly string[]): Filters {
  const filters = new Map<string, string[]>();
  for (const pair of pairs) {
    const cut = pair.indexOf('=');
    const key = pair.slice(0, cut).trim().toLowerCase();
    filters.set(key, [...(filters.get(key) ?? []), pair.slice(cut + 1).trim()]);
  }
  return Object.fromEntries(filters);
}
