// Failures of images, each with a code and what to do about it.
import { SkeinError } from '../../shared/errors.ts';

export function imageNotFound(reference: string): SkeinError {
  return new SkeinError('not-found', 'image-not-found', `No such image: ${reference}`, {
    data: { reference },
  });
}

export function invalidReference(text: string, why: string): SkeinError {
  return new SkeinError('invalid', 'invalid-reference', `invalid reference format: '${text}': ${why}`);
}

/** The archive or layer is not what its own digests say, or is cut short. */
export function damaged(what: string, why: string, cause?: unknown): SkeinError {
  return new SkeinError('invalid', 'image-damaged', `${what} is damaged or was tampered with: ${why}`, {
    cause,
  });
}

export function unsafeEntry(name: string, why: string): SkeinError {
  return new SkeinError('invalid', 'unsafe-entry', `refusing the archive: entry '${name}' ${why}`);
}

export function wrongPlatform(reference: string, have: string, want: string): SkeinError {
  return new SkeinError(
    'invalid',
    'wrong-platform',
    `no image of ${reference} for platform ${want}: it has ${have}`,
    { data: { have, want } },
  );
}

export function unsupported(what: string): SkeinError {
  return new SkeinError('not-implemented', 'not-implemented', `not implemented: ${what}`);
}

export function inUse(reference: string, holders: readonly string[]): SkeinError {
  return new SkeinError(
    'conflict',
    'image-in-use',
    `conflict: unable to delete ${reference}: it is in use by ${holders.slice(0, 5).join(', ')} (use --force to untag it all the same)`,
  );
}
