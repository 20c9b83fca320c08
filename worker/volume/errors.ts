// The volume driver's error codes.
//
// volume-not-found   no volume of that name on this node
// volume-in-use      a task or container still uses it
// bad-volume         a name, subpath or driver that cannot be
import { SkeinError } from '../../shared/errors.ts';

export function volumeNotFound(name: string): SkeinError {
  return new SkeinError('not-found', 'volume-not-found', `no such volume: ${name}`);
}

export function volumeInUse(name: string, users: readonly string[]): SkeinError {
  return new SkeinError(
    'conflict',
    'volume-in-use',
    `remove ${name}: volume is in use - [${users.join(', ')}]`,
  );
}

export function badVolume(message: string): SkeinError {
  return new SkeinError('invalid', 'bad-volume', message);
}
