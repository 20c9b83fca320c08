// Go's text/template, second step: tokens to a tree of text, actions and the blocks if, with and range.
import { type Token, templateError, tokenize } from './lexer.ts';

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipe: Pipe }
  | {
      readonly kind: 'if' | 'with' | 'range';
      readonly pipe: Pipe;
      readonly body: readonly Part[];
      readonly otherwise: readonly Part[];
    };

/** `$a, $b := first | second`: commands, each given the value of the one before as its last argument. */
export interface Pipe {
  readonly variables: readonly string[];
  readonly commands: readonly (readonly Operand[])[];
}

export type Operand =
  | { readonly kind: 'value'; readonly value: unknown; readonly fields: readonly string[] }
  | { readonly kind: 'dot'; readonly fields: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'function'; readonly name: string; readonly fields: readonly string[] }
  | { readonly kind: 'pipe'; readonly pipe: Pipe; readonly fields: readonly string[] };

/** Blocks and parentheses deeper than this are no template anyone wrote by hand. */
const MAX_DEPTH = 100;

/** @throws UsageError (template parsing error) */
export function parseTemplate(source: string): readonly Part[] {
  const parser = new Parser(tokenize(source));
  const { parts, end } = parser.block(0);
  if (end !== undefined) {
    throw templateError(`unexpected {{${end}}}`);
  }
  return parts;
}

const BLOCKS = ['if', 'with', 'range'] as const;
type Block = (typeof BLOCKS)[number];

class Parser {
  private readonly tokens: readonly Token[];
  private at = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  /** Reads to the end, or to the `end` or `else` that closes this block. */
  block(depth: number): { parts: Part[]; end: 'end' | 'else' | undefined } {
    if (depth > MAX_DEPTH) {
      throw templateError('too deeply nested');
    }
    const parts: Part[] = [];
    for (let token = this.next(); token !== undefined; token = this.next()) {
      if (token.kind === 'text') {
        parts.push({ kind: 'text', text: token.text });
        continue;
      }
      const head = this.peek();
      const word = head?.kind === 'word' ? head.text : undefined;
      const block = BLOCKS.find((name) => name === word);
      if (word === 'end' || word === 'else') {
        this.next();
        if (word === 'end') {
          this.expectClose();
        }
        return { parts, end: word };
      }
      if (block !== undefined) {
        this.next();
        parts.push(this.branch(block, depth));
      } else {
        parts.push({ kind: 'action', pipe: this.pipe('close', depth) });
      }
    }
    return { parts, end: undefined };
  }

  private branch(kind: Block, depth: number): Part {
    const pipe = this.pipe('close', depth);
    const first = this.block(depth + 1);
    if (first.end === undefined) {
      throw templateError('unexpected EOF');
    }
    return { kind, pipe, body: first.parts, otherwise: first.end === 'else' ? this.otherwise(depth) : [] };
  }

  /** After `else`: either a block up to `end`, or `else if …`, which shares the one `end`. */
  private otherwise(depth: number): readonly Part[] {
    const head = this.peek();
    const chained = head?.kind === 'word' ? BLOCKS.find((name) => name === head.text) : undefined;
    if (chained !== undefined) {
      this.next();
      return [this.branch(chained, depth + 1)];
    }
    this.expectClose();
    const { parts, end } = this.block(depth + 1);
    if (end !== 'end') {
      throw templateError(end === 'else' ? 'expected end; found {{else}}' : 'unexpected EOF');
    }
    return parts;
  }

  private pipe(until: 'close' | 'right', depth: number): Pipe {
    if (depth > MAX_DEPTH) {
      throw templateError('too deeply nested');
    }
    const variables = this.declared();
    const commands: Operand[][] = [[]];
    for (let token = this.next(); token?.kind !== until; token = this.next()) {
      if (token === undefined || token.kind === 'close') {
        throw templateError('unclosed left paren');
      }
      if (token.kind === 'pipe') {
        commands.push([]);
      } else {
        commands.at(-1)?.push(this.operand(token, depth));
      }
    }
    if (commands.some((words) => words.length === 0)) {
      throw templateError('missing value for command');
    }
    return { variables, commands };
  }

  private declared(): string[] {
    const names: string[] = [];
    for (let ahead = 0; ; ahead += 2) {
      const name = this.tokens[this.at + ahead];
      const after = this.tokens[this.at + ahead + 1];
      if (name?.kind !== 'variable' || (after?.kind !== 'comma' && after?.kind !== 'assign')) {
        return [];
      }
      names.push(name.text);
      if (after.kind === 'assign') {
        this.at += ahead + 2;
        return names;
      }
    }
  }

  private operand(token: Token, depth: number): Operand {
    switch (token.kind) {
      case 'field':
        return { kind: 'dot', fields: [token.text, ...this.fields()] };
      case 'dot':
        return { kind: 'dot', fields: [] };
      case 'variable':
        return { kind: 'variable', name: token.text, fields: this.fields() };
      case 'string':
        return { kind: 'value', value: token.text, fields: [] };
      case 'number':
        return { kind: 'value', value: token.value, fields: [] };
      case 'left':
        return { kind: 'pipe', pipe: this.pipe('right', depth + 1), fields: this.fields() };
      case 'word':
        return word(token.text);
      default:
        throw templateError(`unexpected ${token.kind} in operand`);
    }
  }

  private fields(): string[] {
    const names: string[] = [];
    for (let token = this.peek(); token?.kind === 'field' && token.glued; token = this.peek()) {
      names.push(token.text);
      this.next();
    }
    return names;
  }

  private peek(): Token | undefined {
    return this.tokens[this.at];
  }

  private next(): Token | undefined {
    const token = this.tokens[this.at];
    this.at += 1;
    return token;
  }

  private expectClose(): void {
    if (this.next()?.kind !== 'close') {
      throw templateError('unexpected word in end or else');
    }
  }
}

function word(name: string): Operand {
  const literals: Readonly<Record<string, unknown>> = { true: true, false: false, nil: undefined };
  return Object.hasOwn(literals, name)
    ? { kind: 'value', value: literals[name], fields: [] }
    : { kind: 'function', name, fields: [] };
}
