// Keeps the memory of this process out of core dumps: skeind holds secrets of tasks and keys for a while, and a core
// file would keep them. Programs that it starts are not concerned: execve(2) makes them dumpable again.
import koffi from 'koffi';
import { kernelError } from './errors.ts';

/** <linux/prctl.h> */
const PR_GET_DUMPABLE = 3;
const PR_SET_DUMPABLE = 4;

const prctl: (option: number, value: number) => number = koffi
  .load('libc.so.6')
  .func('int prctl(int option, unsigned long value)');

export function forbidCoreDumps(): void {
  if (prctl(PR_SET_DUMPABLE, 0) !== 0) {
    throw kernelError('prctl', koffi.errno(), 'core dumps cannot be turned off');
  }
}

export function mayDumpCore(): boolean {
  return prctl(PR_GET_DUMPABLE, 0) !== 0;
}
