// Placement constraints: `node.labels.zone == east` and the like, parsed and matched against a node. The
// control API refuses bad ones with this parser, the scheduler matches with the same. Semantics as
// Docker's: operators == and !=, all must hold, whole value compared without regard to case.
import { SkeinError } from '../errors.ts';
import { type Cidr, cidrHasIp, type IpAddress, parseCidr, parseIp } from './cidr.ts';
import type { Node } from './node.ts';

const PLAIN_KEYS = [
  'node.id',
  'node.hostname',
  'node.ip',
  'node.role',
  'node.platform.os',
  'node.platform.arch',
] as const;
type PlainKey = (typeof PLAIN_KEYS)[number];

const LABEL_PREFIXES = ['node.labels.', 'engine.labels.'] as const;

export type Constraint =
  | { readonly key: PlainKey; readonly negated: boolean; readonly value: string }
  | {
      readonly key: 'node.labels' | 'engine.labels';
      readonly label: string;
      readonly negated: boolean;
      readonly value: string;
    };

const VALUE_PATTERN = /^[a-z0-9:\-_\s.*()?+[\]\\^$|/]+$/i;
const LABEL_PATTERN = /^[a-z0-9_][a-z0-9\-_./]*$/i;

/** Names by which one architecture goes; `uname -m` first, as nodes report it. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  amd64: 'x86_64',
  arm64: 'aarch64',
  '386': 'i386',
  i686: 'i386',
};

/** Parses all expressions; throws an `invalid` error (`bad-constraint`) that names the first bad one. */
export function parseConstraints(expressions: readonly string[]): readonly Constraint[] {
  return expressions.map(parseConstraint);
}

function parseConstraint(expression: string): Constraint {
  const parts = /^(.*?)(==|!=)(.*)$/s.exec(expression);
  if (parts === null) {
    throw bad(expression, 'constraint expected one operator from ==, !=');
  }
  const key = (parts[1] ?? '').trim();
  const value = (parts[3] ?? '').trim();
  const negated = parts[2] === '!=';
  if (!VALUE_PATTERN.test(value)) {
    throw bad(expression, `value '${value}' is invalid`);
  }
  const lowerKey = key.toLowerCase();
  const prefix = LABEL_PREFIXES.find((candidate) => lowerKey.startsWith(candidate));
  if (prefix !== undefined) {
    return { ...parseLabel(expression, prefix, key.slice(prefix.length)), negated, value };
  }
  const plain = PLAIN_KEYS.find((candidate) => candidate === lowerKey);
  if (plain === undefined) {
    const known = `${PLAIN_KEYS.join(', ')}, node.labels.NAME or engine.labels.NAME`;
    throw bad(expression, `key '${key}' is invalid: use one of ${known}`);
  }
  if (plain === 'node.ip' && parseIp(value) === undefined && parseCidr(value) === undefined) {
    throw bad(expression, `value '${value}' is invalid: node.ip needs an address or a CIDR`);
  }
  return { key: plain, negated, value };
}

function parseLabel(expression: string, prefix: (typeof LABEL_PREFIXES)[number], label: string) {
  if (!LABEL_PATTERN.test(label)) {
    throw bad(expression, `key '${prefix}${label}' is invalid`);
  }
  const key = prefix === 'node.labels.' ? ('node.labels' as const) : ('engine.labels' as const);
  return { key, label };
}

function bad(expression: string, reason: string): SkeinError {
  return new SkeinError('invalid', 'bad-constraint', `invalid constraint '${expression}': ${reason}`, {
    data: { expression },
  });
}

/** True when the node satisfies every constraint. An absent label counts as an empty one. */
export function nodeMatches(constraints: readonly Constraint[], node: Node): boolean {
  return constraints.every((constraint) => holds(constraint, node) !== constraint.negated);
}

/** True when the node has the constraint's value, whatever its operator. */
function holds(constraint: Constraint, node: Node): boolean {
  const { value } = constraint;
  switch (constraint.key) {
    case 'node.id':
      return same(value, node.id);
    case 'node.hostname':
      return same(value, node.description?.hostname ?? '');
    case 'node.ip':
      return addressMatches(value, node.status.address);
    case 'node.role':
      return same(value, node.role);
    case 'node.platform.os':
      return same(value, node.description?.platform.os ?? '');
    case 'node.platform.arch':
      return same(architecture(value), architecture(node.description?.platform.architecture ?? ''));
    case 'node.labels':
      return same(value, node.spec.labels[constraint.label] ?? '');
    case 'engine.labels':
      return same(value, node.description?.engine.labels[constraint.label] ?? '');
  }
}

function same(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

function architecture(name: string): string {
  const lower = name.toLowerCase();
  return ARCHITECTURES[lower] ?? lower;
}

function addressMatches(value: string, address: string): boolean {
  const ip: IpAddress | undefined = parseIp(address);
  if (ip === undefined) {
    return false;
  }
  const cidr: Cidr | undefined = parseCidr(value);
  if (cidr !== undefined) {
    return cidrHasIp(cidr, ip);
  }
  const wanted = parseIp(value);
  return wanted !== undefined && wanted.family === ip.family && wanted.value === ip.value;
}
