// Children made by posix_spawn: what they see, what they say, how they end.
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type SpawnRequest, spawnProcess } from './spawn.ts';

const SHELL = '/bin/sh';

function shell(script: string, more: Partial<SpawnRequest> = {}) {
  return spawnProcess({ file: SHELL, args: ['-c', script], env: {}, ...more });
}

function pipeOf(child: ReturnType<typeof spawnProcess>, fd: number) {
  const pipe = child.pipes.get(fd);
  if (pipe === undefined) {
    throw new Error(`no pipe ${fd}`);
  }
  return pipe;
}

describe('a child process', () => {
  it('tells its exit code', async () => {
    expect(await shell('exit 7').exited).toEqual({ code: 7 });
  });

  it('tells the signal that ended it', async () => {
    const child = shell('while :; do :; done');
    child.kill('SIGKILL');
    expect(await child.exited).toEqual({ signal: 9 });
    child.kill('SIGTERM');
  });

  it('writes to the descriptors asked for, and to nothing else', async () => {
    const child = shell('echo out; echo err >&2; echo three >&3', { readFrom: [1, 3] });
    expect(await text(pipeOf(child, 1))).toBe('out\n');
    expect(await text(pipeOf(child, 3))).toBe('three\n');
    expect([...child.pipes.keys()]).toEqual([1, 3]);
  });

  it('reads what is written to it', async () => {
    const child = shell('while read -r line; do echo "<$line>"; done', { readFrom: [1], writeTo: [0] });
    pipeOf(child, 0).end('a\nb\n');
    expect(await text(pipeOf(child, 1))).toBe('<a>\n<b>\n');
    expect(await child.exited).toEqual({ code: 0 });
  });

  it('has the environment and directory given', async () => {
    const child = shell('echo "$A:$HOME:$(pwd)"', {
      env: { A: 'x y', PATH: '/usr/bin:/bin' },
      cwd: '/usr',
      readFrom: [1],
    });
    expect(await text(pipeOf(child, 1))).toBe('x y::/usr\n');
  });

  it('inherits no file that this process has open', async () => {
    const fd = openSync(process.execPath, 'r');
    try {
      const child = shell('readlink /proc/self/fd/*', { env: { PATH: '/usr/bin:/bin' }, readFrom: [1] });
      expect(await text(pipeOf(child, 1))).not.toContain(process.execPath);
    } finally {
      closeSync(fd);
    }
  });

  it('dies of a broken pipe, though Node ignores the signal', async () => {
    const child = shell('while echo x; do :; done', { readFrom: [1] });
    const pipe = pipeOf(child, 1);
    await once(pipe, 'data');
    pipe.destroy();
    expect(await child.exited).toEqual({ signal: 13 });
  });

  it('is told apart from a hundred others ending together', async () => {
    const children = Array.from({ length: 100 }, (_, index) => shell(`exit ${index}`));
    const ends = await Promise.all(children.map((child) => child.exited));
    expect(ends.map(({ code }) => code)).toEqual(children.map((_, index) => index));
  });
});

it('a program that is not there is an error by name', () => {
  expect(() => spawnProcess({ file: '/no/such/program', args: [], env: {}, readFrom: [1] })).toThrow(
    expect.objectContaining({ code: 'ENOENT' }),
  );
});
