// The one door to templates: compile once, run for each value.
import { evaluate } from './evaluate.ts';
import { FUNCTIONS, HEADER_FUNCTIONS } from './functions.ts';
import { parseTemplate } from './parser.ts';

export interface Template {
  /** @throws UsageError when a field or function does not fit */
  run(data: unknown): string;
  /** The same template over the names of columns. */
  header(data: unknown): string;
}

/** @throws UsageError when the template cannot be read */
export function compile(source: string): Template {
  const parts = parseTemplate(source);
  return {
    run: (data) => evaluate(parts, data, FUNCTIONS),
    header: (data) => evaluate(parts, data, HEADER_FUNCTIONS),
  };
}
