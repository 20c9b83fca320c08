// Makes message types of the descriptions that proto-loader has of the .proto files. A description is itself a
// message (descriptor.proto of Protocol Buffers), read by a type that is written down here; only the fields that
// matter are.
import { assert } from '../errors.ts';
import { enumValue, type FieldType, MessageType, SCALARS, type ScalarName } from './message_type.ts';

interface DescribedField {
  readonly name: string;
  readonly number: number;
  readonly label: number;
  readonly type: number;
  readonly typeName: string;
  /** There only where the field belongs to a union. */
  readonly oneofIndex?: number;
}

interface DescribedMessage {
  readonly name: string;
  readonly field: readonly DescribedField[];
  readonly nestedType: readonly DescribedMessage[];
  readonly enumType: readonly DescribedEnum[];
  readonly oneofDecl: readonly { readonly name: string }[];
  readonly options: { readonly mapEntry: boolean } | null;
}

interface DescribedEnum {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

interface DescribedFile {
  readonly package: string;
  readonly messageType: readonly DescribedMessage[];
  readonly enumType: readonly DescribedEnum[];
}

const { string, bool, uint32 } = SCALARS;

function field(
  name: string,
  number: number,
  value: FieldType['value'],
  more: Partial<FieldType> = {},
): FieldType {
  return { name, number, value, repeated: false, entry: undefined, union: undefined, ...more };
}

function defined(fields: readonly FieldType[]): MessageType {
  const type = new MessageType();
  type.define(fields);
  return type;
}

const MANY = { repeated: true } as const;

function fileType(): MessageType {
  const named = defined([field('name', 1, string), field('number', 2, uint32)]);
  const enumType = defined([field('name', 1, string), field('value', 2, named.asValue, MANY)]);
  const fieldType = defined([
    field('name', 1, string),
    field('number', 3, uint32),
    field('label', 4, uint32),
    field('type', 5, uint32),
    field('typeName', 6, string),
    field('oneofIndex', 9, uint32, { union: '_oneofIndex' }),
  ]);
  const options = defined([field('mapEntry', 7, bool)]);
  const message = new MessageType();
  message.define([
    field('name', 1, string),
    field('field', 2, fieldType.asValue, MANY),
    field('nestedType', 3, message.asValue, MANY),
    field('enumType', 4, enumType.asValue, MANY),
    field('options', 7, options.asValue),
    field('oneofDecl', 8, named.asValue, MANY),
  ]);
  return defined([
    field('package', 2, string),
    field('messageType', 4, message.asValue, MANY),
    field('enumType', 5, enumType.asValue, MANY),
  ]);
}

const REPEATED = 3;
/** FieldDescriptorProto.Type */
const MESSAGE = 11;
const ENUM = 14;
const SCALAR_OF_TYPE: Readonly<Record<number, ScalarName>> = {
  1: 'double',
  3: 'int64',
  4: 'uint64',
  8: 'bool',
  9: 'string',
  12: 'bytes',
  13: 'uint32',
};

interface Known {
  readonly described: DescribedMessage;
  readonly type: MessageType;
}

/** All messages of the files, by full name. */
export function messageTypes(files: readonly Buffer[]): ReadonlyMap<string, MessageType> {
  const reader = fileType();
  const described = files.map((bytes) => reader.decode(bytes) as DescribedFile);
  const messages = new Map<string, Known>();
  const enums = new Map<string, FieldType['value']>();
  for (const file of described) {
    collect(file.package, file.messageType, file.enumType, messages, enums);
  }
  for (const [name, { described: message, type }] of messages) {
    type.define(message.field.map((each) => fieldOf(each, name, message, messages, enums)));
  }
  return new Map([...messages].map(([name, { type }]) => [name, type]));
}

function collect(
  scope: string,
  found: readonly DescribedMessage[],
  foundEnums: readonly DescribedEnum[],
  messages: Map<string, Known>,
  enums: Map<string, FieldType['value']>,
): void {
  for (const { name, value } of foundEnums) {
    enums.set(`${scope}.${name}`, enumValue(new Map(value.map((each) => [each.name, each.number]))));
  }
  for (const message of found) {
    const name = `${scope}.${message.name}`;
    messages.set(name, { described: message, type: new MessageType() });
    collect(name, message.nestedType, message.enumType, messages, enums);
  }
}

function fieldOf(
  described: DescribedField,
  scope: string,
  owner: DescribedMessage,
  messages: ReadonlyMap<string, Known>,
  enums: ReadonlyMap<string, FieldType['value']>,
): FieldType {
  const { name, number, type, typeName, oneofIndex } = described;
  const union = oneofIndex === undefined ? undefined : owner.oneofDecl[oneofIndex]?.name;
  const base = { name, number, repeated: described.label === REPEATED, union };
  if (type === MESSAGE) {
    const held = resolve(typeName, scope, messages);
    const { described: inner } = held;
    const isMap = inner.options?.mapEntry === true;
    const [key, value] = isMap
      ? inner.field.map((each) => fieldOf(each, `${scope}.${inner.name}`, inner, messages, enums).value)
      : [];
    const entry = key === undefined || value === undefined ? undefined : { key, value };
    return { ...base, value: held.type.asValue, entry };
  }
  if (type === ENUM) {
    return { ...base, value: resolve(typeName, scope, enums), entry: undefined };
  }
  const scalar = SCALAR_OF_TYPE[type];
  assert(scalar !== undefined, `a field of type ${type}, as ${scope}.${name} has, can be encoded`);
  return { ...base, value: SCALARS[scalar], entry: undefined };
}

/** A name as it is written inside `scope`: of the innermost scope that has it. */
function resolve<T>(name: string, scope: string, known: ReadonlyMap<string, T>): T {
  const parts = scope.split('.');
  const candidates = name.startsWith('.')
    ? [name.slice(1)]
    : [...parts, ''].map((_, less) => [...parts.slice(0, parts.length - less), name].join('.'));
  const full = candidates.find((candidate) => known.has(candidate));
  const value = full === undefined ? undefined : known.get(full);
  assert(value !== undefined, `the .proto files describe ${name}`);
  return value;
}
