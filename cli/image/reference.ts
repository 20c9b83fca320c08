// Image references as the API's query wants them: repository and tag apart.

export interface RepositoryTag {
  readonly repository: string;
  /** A tag, a digest, or nothing. */
  readonly tag: string;
}

export function splitReference(reference: string): RepositoryTag {
  const at = reference.indexOf('@');
  if (at !== -1) {
    return { repository: reference.slice(0, at), tag: reference.slice(at + 1) };
  }
  const colon = reference.lastIndexOf(':');
  return colon === -1 || reference.includes('/', colon)
    ? { repository: reference, tag: '' }
    : { repository: reference.slice(0, colon), tag: reference.slice(colon + 1) };
}

/** Slashes, colons and `@` stand for themselves in the API's image paths. */
export function imagePath(reference: string): string {
  return encodeURIComponent(reference).replaceAll('%2F', '/').replaceAll('%3A', ':').replaceAll('%40', '@');
}
