// inspect: objects as indented JSON in one list, or each through a template.
import type { Output } from '../context.ts';
import { CliError, EXIT_FAILURE } from '../errors.ts';
import { compile } from '../template/template.ts';

/** @throws CliError after the output, naming every object that could not be shown */
export async function inspect(
  out: Output,
  refs: readonly string[],
  format: string | undefined,
  get: (ref: string) => Promise<unknown>,
): Promise<number> {
  const template = format === undefined || format === 'json' || format === '' ? undefined : compile(format);
  const found: unknown[] = [];
  const missing: string[] = [];
  for (const ref of refs) {
    try {
      found.push(await get(ref));
    } catch (error) {
      if (!(error instanceof CliError) || error.name === 'ConnectionError') {
        throw error;
      }
      missing.push(error.message);
    }
  }
  if (template !== undefined) {
    out.write(found.map((object) => `${template.run(object)}\n`).join(''));
  } else {
    out.write(`${format === 'json' ? JSON.stringify(found) : goJson(found)}\n`);
  }
  if (missing.length > 0) {
    throw new CliError(missing.join('\n'), { exitCode: EXIT_FAILURE });
  }
  return 0;
}

function goJson(value: unknown): string {
  return JSON.stringify(value, undefined, 4);
}
