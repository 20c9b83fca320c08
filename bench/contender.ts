// What a bench needs of each orchestrator it compares: raised, asked, measured, ended without a trace.
import { execFile, type ExecFileOptions } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Engine } from './engine.ts';

/** The project's folder: this file is built to dist/bench. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
export const IMAGE = 'skein-bench-web:1';
const WEB_COMMAND = '/bin/busybox httpd -f -p 0.0.0.0:80 -h /www';

export interface Contender {
  readonly name: string;
  readonly engine: Engine;
  /** Process ids of the daemons, by what they are. */
  daemons(): Promise<ReadonlyMap<string, number>>;
  /** Process ids of the monitors that stand beside the containers. */
  monitors(): Promise<readonly number[]>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const execute = promisify(execFile);

export async function run(
  file: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<string> {
  const { stdout } = await execute(file, [...args], { maxBuffer: 1 << 24, ...options });
  return String(stdout);
}

export async function webArchive(directory: string): Promise<Buffer> {
  const file = `${directory}/web.tar`;
  await run(`${PROJECT}/deploy/web-image.sh`, [file]);
  return await readFile(file);
}

export async function importWebImage(engine: Engine, archive: Buffer): Promise<void> {
  await engine.importImage(archive, IMAGE, [
    `CMD ${JSON.stringify(WEB_COMMAND.split(' '))}`,
    'ENV PATH=/bin',
  ]);
}

export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
