// Go's text/template, first step: splits a template into text and the tokens between `{{` and `}}`.
import { UsageError } from '../errors.ts';

export type Token =
  | { readonly kind: 'text' | 'variable' | 'word' | 'string'; readonly text: string }
  /** `glued`: nothing stands before the dot, so the field belongs to the operand on its left. */
  | { readonly kind: 'field'; readonly text: string; readonly glued: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'open' | 'close' | 'left' | 'right' | 'pipe' | 'dot' | 'assign' | 'comma' };

const TOKEN =
  /\s+|(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<number>[+-]?(?:0x[0-9a-fA-F]+|\d+(?:\.\d+)?(?:e[+-]?\d+)?))|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<variable>\$[\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<symbol>:?=|[().|,])/uy;

const SYMBOLS: Readonly<Record<string, 'left' | 'right' | 'pipe' | 'dot' | 'assign' | 'comma'>> = {
  '(': 'left',
  ')': 'right',
  '|': 'pipe',
  '.': 'dot',
  ':=': 'assign',
  '=': 'assign',
  ',': 'comma',
};

/** Where the end of an action is looked for: longer runs of blanks are read as blanks first. */
const CLOSE_WINDOW = 64;

/** @throws UsageError (template parsing error) */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let trimNext = false;
  while (at < source.length) {
    const open = source.indexOf('{{', at);
    let text = source.slice(at, open === -1 ? source.length : open);
    if (trimNext) {
      text = text.trimStart();
    }
    if (open === -1) {
      tokens.push({ kind: 'text', text });
      break;
    }
    const trimBefore = /^\{\{-\s/.test(source.slice(open, open + 4));
    tokens.push({ kind: 'text', text: trimBefore ? text.trimEnd() : text });
    const start = open + (trimBefore ? 3 : 2);
    const comment = /^\s*\/\*[\s\S]*?\*\/\s*(-?)\}\}/.exec(source.slice(start));
    if (comment !== null) {
      trimNext = comment[1] === '-';
      at = start + comment[0].length;
      continue;
    }
    const action = readAction(source, start);
    tokens.push({ kind: 'open' }, ...action.tokens, { kind: 'close' });
    trimNext = action.trimAfter;
    at = action.end;
  }
  return tokens.filter((token) => token.kind !== 'text' || token.text !== '');
}

function readAction(source: string, start: number): { tokens: Token[]; end: number; trimAfter: boolean } {
  const tokens: Token[] = [];
  let at = start;
  let spaced = true;
  for (;;) {
    const close = /^(\s+-)\}\}|^\s*\}\}/.exec(source.slice(at, at + CLOSE_WINDOW));
    if (close !== null) {
      return { tokens, end: at + close[0].length, trimAfter: close[1] !== undefined };
    }
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (match === null) {
      const rest = source.slice(at);
      throw templateError(
        rest === '' ? 'unclosed action' : `unexpected ${JSON.stringify(rest.charAt(0))} in command`,
      );
    }
    at += match[0].length;
    tokens.push(...toTokens(match.groups ?? {}, !spaced));
    spaced = match[0].trim() === '';
  }
}

interface Groups {
  readonly string?: string;
  readonly number?: string;
  readonly field?: string;
  readonly variable?: string;
  readonly word?: string;
  readonly symbol?: string;
}

function toTokens({ string, number, field, variable, word, symbol }: Groups, glued: boolean): Token[] {
  if (string !== undefined) {
    return [{ kind: 'string', text: string.startsWith('`') ? string.slice(1, -1) : unquote(string) }];
  }
  if (number !== undefined) {
    return [{ kind: 'number', value: Number(number) }];
  }
  if (field !== undefined) {
    return [{ kind: 'field', text: field.slice(1), glued }];
  }
  if (variable !== undefined) {
    return [{ kind: 'variable', text: variable }];
  }
  if (word !== undefined) {
    return [{ kind: 'word', text: word }];
  }
  const kind = symbol === undefined ? undefined : SYMBOLS[symbol];
  return kind === undefined ? [] : [{ kind }];
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
  "'": "'",
};

function unquote(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replace(
      /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))/g,
      (_all, hex?: string, wide?: string, other?: string) => {
        const code = hex ?? wide;
        return code === undefined
          ? (ESCAPES[other ?? ''] ?? other ?? '')
          : String.fromCharCode(Number.parseInt(code, 16));
      },
    );
}

export function templateError(message: string): UsageError {
  return new UsageError(`template parsing error: template: :1: ${message}`);
}
