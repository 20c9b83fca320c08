// The ordered set against a plain sorted array, large enough that chunks split and vanish.
import { expect, test } from 'vitest';
import { randomInt, seededRandom } from '../../shared/random.ts';
import { SortedIds } from './sorted_ids.ts';

test('adding and removing thousands at random keeps order, size and prefixes', () => {
  const random = seededRandom(42);
  const ids = new SortedIds();
  const model = new Set<string>();
  for (let step = 0; step < 20_000; step += 1) {
    const id = randomInt(random, 0, 6_000).toString(36).padStart(4, '0');
    const removes = random.next() < (step < 12_000 ? 0.3 : 0.8);
    if (removes) {
      expect(ids.remove(id)).toBe(model.delete(id));
    } else {
      expect(ids.add(id)).toBe(!model.has(id));
      model.add(id);
    }
    if (step % 2_500 === 0) {
      const sorted = [...model].sort();
      expect([...ids]).toEqual(sorted);
      for (const prefix of ['', '0', '00', '003', '03a', 'z']) {
        expect([...ids.withPrefix(prefix)]).toEqual(sorted.filter((text) => text.startsWith(prefix)));
      }
    }
  }
  expect(ids.size).toBe(model.size);
});
