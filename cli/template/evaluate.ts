// Go's text/template, last step: runs the tree over JSON values and rows. Objects answer fields by name; a
// row is strict about its fields, and may have fields that take arguments (`.Label "key"`).
import { UsageError } from '../errors.ts';
import type { Functions } from './functions.ts';
import { isTrue, printValue } from './values.ts';
import type { Operand, Part, Pipe } from './parser.ts';

/** A line of a list: the fields that templates may name. A function is a field that takes arguments. */
export class Row {
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(fields: Readonly<Record<string, unknown>>) {
    this.fields = fields;
  }

  toJSON(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.fields)
        .filter(([, value]) => typeof value !== 'function')
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    );
  }
}

type Scope = ReadonlyMap<string, unknown>;
const NOTHING = Symbol('no final argument');

/** @throws UsageError when a field, function or argument does not fit */
export function evaluate(parts: readonly Part[], data: unknown, functions: Functions): string {
  return new Evaluation(functions).run(parts, data, new Map([['$', data]]));
}

class Evaluation {
  private readonly functions: Functions;

  constructor(functions: Functions) {
    this.functions = functions;
  }

  run(parts: readonly Part[], dot: unknown, outer: Scope): string {
    const scope = new Map(outer);
    let text = '';
    for (const part of parts) {
      text += this.part(part, dot, scope);
    }
    return text;
  }

  private part(part: Part, dot: unknown, scope: Map<string, unknown>): string {
    if (part.kind === 'text') {
      return part.text;
    }
    if (part.kind === 'action') {
      const value = this.pipe(part.pipe, dot, scope);
      if (part.pipe.variables.length > 0) {
        declare(scope, part.pipe.variables, [value]);
        return '';
      }
      return value === undefined || value === null ? '<no value>' : printValue(value);
    }
    const value = this.pipe(part.pipe, dot, scope);
    if (part.kind === 'range') {
      return this.range(part, value, dot, scope);
    }
    const inner = new Map(scope);
    declare(inner, part.pipe.variables, [value]);
    if (!isTrue(value)) {
      return this.run(part.otherwise, dot, inner);
    }
    return this.run(part.body, part.kind === 'with' ? value : dot, inner);
  }

  private range(
    part: Part & { kind: 'if' | 'with' | 'range' },
    value: unknown,
    dot: unknown,
    scope: Scope,
  ): string {
    const entries = entriesOf(value);
    if (entries.length === 0) {
      return this.run(part.otherwise, dot, scope);
    }
    return entries
      .map(([key, item]) => {
        const inner = new Map(scope);
        declare(inner, part.pipe.variables, part.pipe.variables.length === 1 ? [item] : [key, item]);
        return this.run(part.body, item, inner);
      })
      .join('');
  }

  private pipe(pipe: Pipe, dot: unknown, scope: Scope): unknown {
    let last: unknown = NOTHING;
    for (const words of pipe.commands) {
      last = this.command(words, dot, scope, last);
    }
    return last;
  }

  private command(words: readonly Operand[], dot: unknown, scope: Scope, last: unknown): unknown {
    const [head, ...rest] = words;
    if (head === undefined) {
      throw new UsageError('template: empty command');
    }
    const values = () => rest.map((operand) => this.operand(operand, dot, scope));
    const args = () => (last === NOTHING ? values() : [...values(), last]);
    if (head.kind === 'function') {
      return this.call(head.name, args, rest, dot, scope);
    }
    const value = this.operand(head, dot, scope, true);
    if (typeof value === 'function') {
      return value(...args());
    }
    if (rest.length > 0 || last !== NOTHING) {
      throw new UsageError(`template: can't give argument to non-function ${printValue(value)}`);
    }
    return value;
  }

  private call(
    name: string,
    args: () => unknown[],
    rest: readonly Operand[],
    dot: unknown,
    scope: Scope,
  ): unknown {
    // `and` and `or` stop at the first argument that decides, as Go's do.
    if (name === 'and' || name === 'or') {
      let value: unknown;
      for (const operand of rest) {
        value = this.operand(operand, dot, scope);
        if (isTrue(value) === (name === 'or')) {
          return value;
        }
      }
      return args().at(-1) ?? value;
    }
    const found = Object.hasOwn(this.functions, name) ? this.functions[name] : undefined;
    if (found === undefined) {
      throw new UsageError(`template parsing error: template: :1: function "${name}" not defined`);
    }
    return found(...args());
  }

  private operand(operand: Operand, dot: unknown, scope: Scope, asHead = false): unknown {
    const base = this.base(operand, dot, scope);
    const value = operand.fields.reduce((from, name) => field(from, name), base);
    return typeof value === 'function' && !asHead ? value() : value;
  }

  private base(operand: Operand, dot: unknown, scope: Scope): unknown {
    switch (operand.kind) {
      case 'value':
        return operand.value;
      case 'dot':
        return dot;
      case 'variable':
        if (!scope.has(operand.name)) {
          throw new UsageError(`template parsing error: template: :1: undefined variable "${operand.name}"`);
        }
        return scope.get(operand.name);
      case 'pipe':
        return this.pipe(operand.pipe, dot, scope);
      case 'function':
        return this.call(operand.name, () => [], [], dot, scope);
    }
  }
}

function field(from: unknown, name: string): unknown {
  if (from === undefined || from === null) {
    return undefined;
  }
  if (from instanceof Row) {
    if (!Object.hasOwn(from.fields, name)) {
      const known = Object.keys(from.fields).sort().join(', ');
      throw new UsageError(`template: can't evaluate field ${name} (fields here: ${known})`);
    }
    return from.fields[name];
  }
  if (typeof from !== 'object' || Array.isArray(from)) {
    throw new UsageError(
      `template: can't evaluate field ${name} in ${Array.isArray(from) ? 'a list' : `a ${typeof from}`}`,
    );
  }
  return Object.hasOwn(from, name) ? Reflect.get(from, name) : undefined;
}

function entriesOf(value: unknown): (readonly [unknown, unknown])[] {
  if (Array.isArray(value)) {
    return value.map((item, index) => [index, item] as const);
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  }
  if (value === undefined || value === null) {
    return [];
  }
  throw new UsageError(`template: range can't iterate over ${printValue(value)}`);
}

function declare(scope: Map<string, unknown>, names: readonly string[], values: readonly unknown[]): void {
  names.forEach((name, index) => {
    scope.set(name, values[index]);
  });
}
