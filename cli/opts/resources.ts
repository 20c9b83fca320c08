// --ulimit, --generic-resource, --host, --placement-pref and --entrypoint: small grammars of single flags.
import type { GenericResource, Ulimit } from '../client/types.ts';
import { UsageError } from '../errors.ts';

/** `nofile=1024:2048`, or one value for both. @throws UsageError */
export function parseUlimit(value: string): Ulimit {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(value);
  if (match === null) {
    throw new UsageError(`invalid ulimit argument: ${value} (write name=soft:hard)`);
  }
  const soft = Number(match[2]);
  const hard = match[3] === undefined ? soft : Number(match[3]);
  if (hard !== -1 && (soft === -1 || soft > hard)) {
    throw new UsageError(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
  return { Name: match[1] ?? '', Soft: soft, Hard: hard };
}

/** `gpu=2`: services ask for a number, only nodes have named ones. @throws UsageError */
export function parseGenericResource(value: string): GenericResource {
  const cut = value.indexOf('=');
  const kind = value.slice(0, cut);
  const amount = value.slice(cut + 1);
  if (cut < 1 || amount === '') {
    throw new UsageError(`incorrect term ${value}, missing '=' or malformed expression`);
  }
  if (!/^\d+$/.test(amount)) {
    throw new UsageError(
      `invalid generic-resource request \`${value}\`, Named Generic Resources is not supported for service create or update`,
    );
  }
  return { DiscreteResourceSpec: { Kind: kind, Value: Number(amount) } };
}

/** `name:address` (or `name=address`) as the line of /etc/hosts that the API takes: `address name`. */
export function parseHost(value: string): string {
  const match = /^([^:=\s]+)[:=](\S+)$/.exec(value);
  if (match === null) {
    throw new UsageError(`bad format for add-host: '${value}' (write name:address)`);
  }
  return `${(match[2] ?? '').replace(/^\[|\]$/g, '')} ${match[1]}`;
}

/** `spread=node.labels.zone`; spreading is the only strategy there is. */
export function parsePreference(value: string): string {
  const [strategy = '', ...rest] = value.split('=');
  if (strategy.trim().toLowerCase() !== 'spread' || rest.length === 0) {
    throw new UsageError(`unsupported placement preference '${value}' (only spread=<label> is supported)`);
  }
  return rest.join('=').trim();
}

/** Words as a shell would split them: quotes group, a backslash takes the next character as it is. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  const part = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y;
  while (part.lastIndex < line.length) {
    const match = part.exec(line);
    if (match === null) {
      throw new UsageError(`unclosed quote in '${line}'`);
    }
    const [all, single, double, escaped, plain] = match;
    if (/^\s+$/.test(all) && plain === undefined && escaped === undefined) {
      if (word !== undefined) {
        words.push(word);
      }
      word = undefined;
    } else {
      word = (word ?? '') + (single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? plain ?? '');
    }
  }
  return word === undefined ? words : [...words, word];
}
