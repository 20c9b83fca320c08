// Go's fmt verbs that templates use: %s %v %q %d %x %t %f %%, with width, `-`, `0` and precision.
import { printValue } from './values.ts';

const VERB = /%(?<flags>[-+0 #]*)(?<width>\d{0,4})(?:\.(?<precision>\d{1,3}))?(?<verb>[a-zA-Z%])/g;

export function formatVerbs(format: string, values: readonly unknown[]): string {
  let used = 0;
  const text = format.replace(VERB, (...match) => {
    const groups: unknown = match.at(-1);
    const part = (name: string): string => {
      const value: unknown =
        typeof groups === 'object' && groups !== null ? Reflect.get(groups, name) : undefined;
      return typeof value === 'string' ? value : '';
    };
    const verb = part('verb');
    if (verb === '%') {
      return '%';
    }
    if (used >= values.length) {
      return `%!${verb}(MISSING)`;
    }
    const value = values[used];
    used += 1;
    return padded(one(verb, value, part('precision')), part('flags'), Number(part('width')));
  });
  const extra = values.slice(used).map((value) => `${goType(value)}=${printValue(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function one(verb: string, value: unknown, precision: string): string {
  switch (verb) {
    case 'v':
      return printValue(value);
    case 's':
      return precision === '' ? printValue(value) : printValue(value).slice(0, Number(precision));
    case 'q':
      return JSON.stringify(printValue(value));
    case 'd':
      return typeof value === 'number' ? String(Math.trunc(value)) : wrong(verb, value);
    case 't':
      return typeof value === 'boolean' ? String(value) : wrong(verb, value);
    case 'f':
      return typeof value === 'number'
        ? value.toFixed(precision === '' ? 6 : Number(precision))
        : wrong(verb, value);
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(printValue(value)).toString('hex');
    default:
      return wrong(verb, value);
  }
}

function padded(text: string, flags: string, width: number): string {
  if (flags.includes('-')) {
    return text.padEnd(width);
  }
  return flags.includes('0') && /^-?[\d.]+$/.test(text)
    ? text.replace(
        /^(-?)(.*)$/,
        (_all, sign: string, digits: string) => sign + digits.padStart(width - sign.length, '0'),
      )
    : text.padStart(width);
}

function wrong(verb: string, value: unknown): string {
  return `%!${verb}(${goType(value)}=${printValue(value)})`;
}

function goType(value: unknown): string {
  const names: Readonly<Record<string, string>> = { string: 'string', number: 'int', boolean: 'bool' };
  return names[typeof value] ?? 'interface {}';
}
