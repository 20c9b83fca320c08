// On this test's own process, which ends with its file.
import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { forbidCoreDumps, mayDumpCore } from './core_dump.ts';

it('a process may dump core until it forbids it; a program that it starts may', () => {
  expect(mayDumpCore()).toBe(true);
  forbidCoreDumps();
  expect(mayDumpCore()).toBe(false);
  const script = `process.stdout.write(String(
    require('koffi').load('libc.so.6').func('int prctl(int option, unsigned long value)')(3, 0)))`;
  expect(execFileSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toBe('1');
});
