// Typing a secret: nothing of it is shown, the keys that edit work, and the terminal is as before afterwards.
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { readHidden } from './hidden_input.ts';
import { readSecret } from './swarm/secret_input.ts';

function terminal() {
  const shown: string[] = [];
  const modes: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => void modes.push(isRaw),
  });
  const stderr = {
    write: (text: string | Uint8Array) => shown.push(String(text)) > 0,
    once: () => undefined,
  };
  return { stdin, stderr, shown, modes };
}

describe('a secret typed on a terminal', () => {
  it.each([
    ['letter by letter', ['h', 'u', 'n', '\r'], 'hun'],
    ['in one piece', ['hunter\r'], 'hunter'],
    ['with a mistake taken back', ['hux\u007fn', '\r'], 'hun'],
    ['begun anew', ['wrong\u0015right\r'], 'right'],
    ['ended by Ctrl-D', ['hun\u0004'], 'hun'],
    ['with letters of several bytes', ['schlüsselß\u007f\r'], 'schlüssel'],
  ])('%s', async (_how, keys, expected) => {
    const { stdin, stderr, shown, modes } = terminal();
    const answer = readHidden({ stdin, stderr }, 'Key: ');
    for (const key of keys) {
      stdin.write(key);
    }
    expect(await answer).toBe(expected);
    expect(shown).toEqual(['Key: ', '\n']);
    expect(modes).toEqual([true, false]);
  });

  it('is given up by Ctrl-C, with the exit code of shells', async () => {
    const { stdin, stderr, modes } = terminal();
    const answer = readHidden({ stdin, stderr }, 'Key: ');
    stdin.write('hun\u0003');
    await expect(answer).rejects.toMatchObject({ exitCode: 130 });
    expect(modes).toEqual([true, false]);
  });

  it('is asked for twice where it is new', async () => {
    const typing = async (first: string, second: string) => {
      const { stdin, stderr, shown } = terminal();
      const answer = readSecret({ stdin, stderr }, undefined, 'passphrase', { isNew: true });
      stdin.write(`${first}\r`);
      answer.catch(() => undefined);
      await expect.poll(() => shown.join('')).toContain('again');
      stdin.write(`${second}\r`);
      return answer;
    };
    expect(await typing('a long one', 'a long one')).toBe('a long one');
    await expect(typing('a long one', 'a lomg one')).rejects.toThrow('not the same');
  });
});
