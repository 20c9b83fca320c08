// Image references in Docker's grammar: [registry/]path[:tag][@digest].
import { invalidReference } from './errors.ts';

export interface Reference {
  /** `host[:port]`, or empty for a name without one. */
  readonly registry: string;
  readonly path: string;
  /** Empty when there is only a digest. */
  readonly tag: string;
  /** `sha256:…` or empty. */
  readonly digest: string;
}

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$/;
const DEFAULT_TAG = 'latest';
const MAX_NAME_LENGTH = 255;

/** A first component is a registry when it looks like a host: a dot, a port, or `localhost`. */
function splitRegistry(name: string): [string, string] {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (first.includes('.') || first.includes(':') || first === 'localhost') {
    return [first, name.slice(slash + 1)];
  }
  return ['', name];
}

/** @throws SkeinError `invalid-reference` */
export function parseReference(text: string): Reference {
  const at = text.indexOf('@');
  const digest = at < 0 ? '' : text.slice(at + 1);
  if (at >= 0 && !DIGEST.test(digest)) {
    throw invalidReference(text, 'the digest must be sha256: and 64 hexadecimal digits');
  }
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(':');
  const hasTag = colon > named.lastIndexOf('/');
  const tag = hasTag ? named.slice(colon + 1) : digest === '' ? DEFAULT_TAG : '';
  if (tag !== '' && !TAG.test(tag)) {
    throw invalidReference(text, `'${tag}' is not a tag`);
  }
  const [registry, path] = splitRegistry(hasTag ? named.slice(0, colon) : named);
  if (!PATH.test(path) || path.length > MAX_NAME_LENGTH) {
    const lower = path.toLowerCase() !== path;
    throw invalidReference(
      text,
      lower ? 'repository name must be lowercase' : `'${path}' is not a repository name`,
    );
  }
  return { registry, path, tag, digest };
}

/** `registry/path`, the name without tag and digest. */
export function repositoryOf(reference: Reference): string {
  return reference.registry === '' ? reference.path : `${reference.registry}/${reference.path}`;
}

/** `name:tag`, the form that is listed. */
export function taggedName(reference: Reference): string {
  return `${repositoryOf(reference)}:${reference.tag}`;
}

export function digestedName(reference: Reference, digest: string): string {
  return `${repositoryOf(reference)}@${digest}`;
}
