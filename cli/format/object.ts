// One object through --format: as JSON on a line, or through a template. What a command shows without the flag is
// the command's own.
import type { Output } from '../context.ts';
import { text } from '../flags/flag.ts';
import { compile } from '../template/template.ts';

const MEANING = 'Format output using a custom template: json or TEMPLATE';

/** The flag of commands that answer with one object, or with one after the other. */
export const OBJECT_FORMAT = text(MEANING);
export const SHORT_OBJECT_FORMAT = text(MEANING, 'f');

/** What writes objects by this format, each on a line of its own. */
export function objectPrinter(out: Output, format: string): (value: unknown) => void {
  const template = compile(format === 'json' || format === '' ? '{{json .}}' : format);
  return (value) => {
    out.write(`${template.run(value)}\n`);
  };
}
