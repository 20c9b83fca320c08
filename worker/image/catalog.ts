// Questions to the index of images: which image a reference names, which names an image has, which parts
// are in use. Pure: an index in, an answer out.
import type { ImageIndex, ImageRecord } from './index_file.ts';
import { digestedName, parseReference, type Reference, repositoryOf, taggedName } from './reference.ts';

/** Image ids and their prefixes: what is not a name. */
const ID = /^(?:sha256:)?[0-9a-f]{4,64}$/;

export interface ImageNames {
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

export function looksLikeId(reference: string): boolean {
  return ID.test(reference);
}

/** By id, id prefix, `name[:tag]` or `name@digest`. @throws SkeinError `invalid-reference` */
export function findImage(index: ImageIndex, reference: string): string | undefined {
  const direct = looksLikeId(reference) ? byPrefix(index, reference) : undefined;
  if (direct !== undefined) {
    return direct;
  }
  const parsed = parseUnlessId(reference);
  if (parsed === undefined) {
    return undefined;
  }
  if (parsed.digest === '') {
    return index.tags[taggedName(parsed)];
  }
  // `name@<image id>` also names a local image, so that a pinned local image needs no registry.
  return index.digests[digestedName(parsed, parsed.digest)] ?? ownerOf(index, parsed);
}

/** An id that is no valid name either is simply not here. */
function parseUnlessId(reference: string): Reference | undefined {
  try {
    return parseReference(reference);
  } catch (error) {
    if (looksLikeId(reference)) {
      return undefined;
    }
    throw error;
  }
}

function ownerOf(index: ImageIndex, parsed: Reference): string | undefined {
  if (index.images[parsed.digest] === undefined) {
    return undefined;
  }
  const prefix = `${repositoryOf(parsed)}:`;
  return namesOf(index, parsed.digest).tags.some((tag) => tag.startsWith(prefix)) ? parsed.digest : undefined;
}

/** A prefix that fits several images names none. */
function byPrefix(index: ImageIndex, text: string): string | undefined {
  const prefix = text.startsWith('sha256:') ? text : `sha256:${text}`;
  const found = Object.keys(index.images).filter((id) => id.startsWith(prefix));
  return found.length === 1 ? found[0] : undefined;
}

export function namesOf(index: ImageIndex, id: string): ImageNames {
  const pick = (map: Readonly<Record<string, string>>) =>
    Object.entries(map)
      .filter(([, owner]) => owner === id)
      .map(([name]) => name)
      .sort();
  return { tags: pick(index.tags), digests: pick(index.digests) };
}

/** What removing a reference takes away: one tag or digest, or with an id every name. */
export function namesToDrop(index: ImageIndex, reference: string, id: string): readonly string[] {
  const names = namesOf(index, id);
  if (namesByIdOnly(reference, names)) {
    return [...names.tags, ...names.digests];
  }
  const parsed = parseReference(reference);
  if (parsed.digest === '') {
    return [taggedName(parsed)];
  }
  const digested = digestedName(parsed, parsed.digest);
  return names.digests.filter((name) => name === digested);
}

/** True when the reference is the image's id, not a name that happens to look like one. */
export function namesByIdOnly(reference: string, names: ImageNames): boolean {
  return looksLikeId(reference) && !names.tags.some((tag) => tag.startsWith(`${reference}:`));
}

export function holdersOf(index: ImageIndex, id: string): readonly string[] {
  return Object.entries(index.holds)
    .filter(([, held]) => held === id)
    .map(([holder]) => holder);
}

export function without(
  map: Readonly<Record<string, string>>,
  names: ReadonlySet<string>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(map).filter(([name]) => !names.has(name)));
}

/** Layers and blobs that the records need. */
export function usedParts(records: readonly ImageRecord[]): {
  readonly layers: ReadonlySet<string>;
  readonly blobs: ReadonlySet<string>;
} {
  return {
    layers: new Set(records.flatMap((record) => record.layers.map((layer) => layer.diffId))),
    blobs: new Set(
      records.flatMap((record) => [record.id, record.manifest, ...record.layers.map((layer) => layer.blob)]),
    ),
  };
}
