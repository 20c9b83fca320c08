// One entry of a tar archive as a file.
import { open } from 'node:fs/promises';

/**
 * Mode 0600 until its own is set.
 * @param flags `wx` where a file must not be there already, `w` where a later entry replaces an earlier one
 */
export async function writeEntry(
  path: string,
  body: AsyncIterable<unknown>,
  flags: 'w' | 'wx',
): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    for await (const chunk of body) {
      if (chunk instanceof Uint8Array) {
        await file.write(chunk);
      }
    }
  } finally {
    await file.close();
  }
}
