// Random valid messages made from .proto descriptions: every field may be there, values look like those of a
// cluster (ids, addresses, small numbers) or like edges. Written as protobuf's encoding guide says.
import type { PackageDefinition } from '@grpc/proto-loader';
import { randomInt, type Random } from '../../shared/random.ts';
import { pick } from './mutate.ts';

const MAX_DEPTH = 6;
/** Most fields cannot be missing; a message has up to a hundred of them. */
const PRESENCE = 0.999;
const ID = 'a'.repeat(25);
const TEXTS = [
  'a'.repeat(25),
  '10.0.0.0/24',
  '10.0.0.1',
  'web',
  'node.role==manager',
  'docker',
  '',
  'überall',
];
const NUMBERS = [0, 1, 2, 80, 1000, 30_000_000_000, 1_700_000_000_000_000, 2 ** 40];

interface Field {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}

/** Message descriptions, and of each message the unions (`oneof`) that its fields belong to, by field name. */
export interface Protos {
  readonly definitions: PackageDefinition;
  readonly unions: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

interface Described {
  readonly name: string;
  readonly field?: readonly Field[];
  readonly nestedType?: readonly Described[];
  readonly value?: readonly { readonly name: string; readonly number: number }[];
}

/**
 * Reads the unions from the text: proto-loader's descriptions give every field a union's number, also those in none.
 */
export function unionsOf(texts: readonly string[]): Protos['unions'] {
  const found = new Map<string, Map<string, string>>();
  for (const text of texts) {
    for (const [, message = '', body = ''] of text.matchAll(/^message (\w+) \{([\s\S]*?)^\}/gm)) {
      for (const [, union = '', members = ''] of body.matchAll(/oneof (\w+) \{([^}]*)\}/g)) {
        for (const [, field = ''] of members.matchAll(/(\w+) = \d+;/g)) {
          found.set(message, (found.get(message) ?? new Map()).set(field, union));
        }
      }
    }
  }
  return found;
}

function describe(protos: Protos, typeName: string, within: Described | undefined): Described {
  const short = typeName.split('.').at(-1) ?? typeName;
  const nested = within?.nestedType?.find(({ name }) => name === short);
  const found: unknown = nested ?? protos.definitions[`skein.v1.${short}`];
  if (typeof found !== 'object' || found === null) {
    throw new Error(`no description of ${typeName}`);
  }
  return (nested ?? Reflect.get(found, 'type')) as Described;
}

export function randomMessage(protos: Protos, typeName: string, random: Random): Buffer {
  return messageOf(protos, describe(protos, typeName, undefined), random, 0);
}

function messageOf(protos: Protos, type: Described, random: Random, depth: number): Buffer {
  const parts: Buffer[] = [];
  const members = new Map<string, Field[]>();
  for (const field of type.field ?? []) {
    const union = protos.unions.get(type.name)?.get(field.name);
    if (union !== undefined) {
      members.set(union, [...(members.get(union) ?? []), field]);
      continue;
    }
    const repeated = field.label === 'LABEL_REPEATED';
    const isDeep = depth >= MAX_DEPTH && repeated;
    const count = repeated ? randomInt(random, 0, isDeep ? 0 : 2) : random.next() < PRESENCE ? 1 : 0;
    for (let index = 0; index < count; index += 1) {
      parts.push(fieldOf(protos, type, field, random, depth));
    }
  }
  for (const fields of members.values()) {
    parts.push(fieldOf(protos, type, pick(random, fields), random, depth));
  }
  return Buffer.concat(parts);
}

function fieldOf(protos: Protos, owner: Described, field: Field, random: Random, depth: number): Buffer {
  switch (field.type) {
    case 'TYPE_MESSAGE': {
      const type = describe(protos, field.typeName, owner);
      return delimited(field.number, messageOf(protos, type, random, depth + 1));
    }
    case 'TYPE_STRING':
      return delimited(field.number, Buffer.from(/id$/i.test(field.name) ? ID : pick(random, TEXTS)));
    case 'TYPE_BYTES':
      return delimited(field.number, Buffer.from(random.bytes(randomInt(random, 0, 40))));
    case 'TYPE_ENUM': {
      const values = describe(protos, field.typeName, owner).value ?? [];
      return Buffer.concat([varint(field.number * 8), varint(pick(random, values.slice(1)).number)]);
    }
    case 'TYPE_DOUBLE': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(pick(random, [0, 0.5, 1, 1e300]));
      return Buffer.concat([varint(field.number * 8 + 1), bytes]);
    }
    case 'TYPE_BOOL':
      return Buffer.concat([varint(field.number * 8), varint(randomInt(random, 0, 1))]);
    default:
      return Buffer.concat([varint(field.number * 8), varint(pick(random, NUMBERS))]);
  }
}

function delimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([varint(number * 8 + 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    bytes.push((rest % 0x80) | 0x80);
  }
  return Buffer.from([...bytes, rest]);
}
