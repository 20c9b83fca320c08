// Which images `GET /images/json?filters=` shows.
import { SkeinError } from '../../shared/errors.ts';
import type { Filters } from '../../shared/protocol/control.ts';
import type { LocalImage } from '../../worker/image/api.ts';

type Test = (image: LocalImage, value: string) => boolean;

const ANY: Readonly<Record<string, Test>> = {
  reference: (image, value) => image.repoTags.some((tag) => namesImage(value, tag)),
  dangling: (image, value) => (image.repoTags.length === 0) === (value === 'true' || value === '1'),
};

/** Every label that is asked for must be there. */
const ALL: Readonly<Record<string, Test>> = {
  label: (image, value) => {
    const equals = value.indexOf('=');
    const key = equals < 0 ? value : value.slice(0, equals);
    const { labels } = image.config;
    return Object.hasOwn(labels, key) && (equals < 0 || labels[key] === value.slice(equals + 1));
  },
};

/**
 * The images that pass, with the names alone that a `reference` filter asks for.
 * @throws SkeinError `bad-filter` for a name that is not served
 */
export function filterImages(images: readonly LocalImage[], filters: Filters): LocalImage[] {
  const passes = imageTest(filters);
  const patterns = filters['reference'] ?? [];
  const asked = (tag: string) => patterns.some((pattern) => namesImage(pattern, tag));
  return images
    .filter(passes)
    .map((image) => (patterns.length === 0 ? image : { ...image, repoTags: image.repoTags.filter(asked) }));
}

function imageTest(filters: Filters): (image: LocalImage) => boolean {
  const tests = Object.entries(filters).map(([name, values]) => {
    const [any, all] = [own(ANY, name), own(ALL, name)];
    if (any !== undefined) {
      return (image: LocalImage) => values.some((value) => any(image, value));
    }
    if (all !== undefined) {
      return (image: LocalImage) => values.every((value) => all(image, value));
    }
    throw new SkeinError(
      'invalid',
      'bad-filter',
      `invalid filter '${name}': use one of ${[...Object.keys(ANY), ...Object.keys(ALL)].sort().join(', ')}`,
    );
  });
  return (image) => tests.every((test) => test(image));
}

function own(tests: Readonly<Record<string, Test>>, name: string): Test | undefined {
  return Object.hasOwn(tests, name) ? tests[name] : undefined;
}

/** `name`, `name:tag`, or a pattern of either with `*` and `?`, which do not cross a slash. */
export function namesImage(pattern: string, tag: string): boolean {
  const name = tag.slice(0, tag.lastIndexOf(':'));
  return globMatches(pattern, tag) || globMatches(pattern, name);
}

/** In the time of pattern times text: on a mismatch only the last star is tried again. */
function globMatches(pattern: string, text: string): boolean {
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (from < text.length) {
    const wanted = pattern[at];
    if (wanted === '*') {
      star = at;
      resume = from;
      at += 1;
    } else if (wanted !== undefined && (wanted === text[from] || (wanted === '?' && text[from] !== '/'))) {
      at += 1;
      from += 1;
    } else if (star >= 0 && text[resume] !== '/') {
      resume += 1;
      from = resume;
      at = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(at));
}
