// Codecs made from what the .proto files say of their messages: fields in, fields out, with nothing made on the way.
// An encoder takes what `Encoded` describes, a decoder gives what the generated types describe: enums by name,
// 64-bit numbers as numbers, defaults filled in, unions with the name of their member. It is exactly what
// proto-loader gives, a third of the time; a test compares the two message by message.
import { assert } from '../errors.ts';
import { WIRE, WireReader } from './wire_reader.ts';
import { WireWriter } from './wire_writer.ts';

type Fields = Record<string, unknown>;

/** How one kind of value is written and read. */
interface ValueCodec {
  readonly wireType: number;
  readonly write: (writer: WireWriter, value: unknown) => void;
  readonly read: (reader: WireReader) => unknown;
  /** What a field has that is not there; undefined where nothing stands for that. */
  readonly initial: unknown;
}

export type ScalarName = 'string' | 'bytes' | 'bool' | 'uint32' | 'int64' | 'uint64' | 'double';

/** One field as the .proto has it. */
export interface FieldType {
  readonly name: string;
  readonly number: number;
  readonly repeated: boolean;
  readonly value: ValueCodec;
  /** Of a map: what its keys and values are. */
  readonly entry: { readonly key: ValueCodec; readonly value: ValueCodec } | undefined;
  /** The union it belongs to; an `optional` field is a union of its own. */
  readonly union: string | undefined;
}

export const SCALARS: Readonly<Record<ScalarName, ValueCodec>> = {
  string: {
    wireType: WIRE.length,
    write: (writer, value) => writer.text(text(value)),
    read: (reader) => reader.text(),
    initial: '',
  },
  bytes: {
    wireType: WIRE.length,
    write: (writer, value) => writer.bytes(bytes(value)),
    read: (reader) => reader.part(),
    initial: Buffer.alloc(0),
  },
  bool: {
    wireType: WIRE.varint,
    write: (writer, value) => writer.uint32(value === true ? 1 : 0),
    read: (reader) => reader.int64(false) !== 0,
    initial: false,
  },
  uint32: {
    wireType: WIRE.varint,
    write: (writer, value) => writer.uint32(whole(value)),
    read: (reader) => reader.uint32(),
    initial: 0,
  },
  int64: {
    wireType: WIRE.varint,
    write: (writer, value) => writer.int64(whole(value)),
    read: (reader) => reader.int64(true),
    initial: 0,
  },
  uint64: {
    wireType: WIRE.varint,
    // An object that is written but not committed has a version below 0, which means nothing to whoever reads it.
    write: (writer, value) => writer.int64(Math.max(0, whole(value))),
    read: (reader) => reader.int64(false),
    initial: 0,
  },
  double: {
    wireType: WIRE.fixed64,
    write: (writer, value) => writer.double(Number(value)),
    read: (reader) => reader.double(),
    initial: 0,
  },
};

/** @param numbers of the enum's names; unknown numbers pass as they are */
export function enumValue(numbers: ReadonlyMap<string, number>): ValueCodec {
  const names = new Map([...numbers].map(([name, number]) => [number, name]));
  return {
    wireType: WIRE.varint,
    write: (writer, value) => {
      const number = typeof value === 'number' ? value : numbers.get(text(value));
      if (number === undefined) {
        throw new TypeError('an enum has no such value');
      }
      writer.int64(number);
    },
    read: (reader) => {
      const number = reader.uint32() | 0;
      return names.get(number) ?? number;
    },
    initial: names.get(0),
  };
}

const writer = new WireWriter();

export class MessageType {
  private fields: readonly FieldType[] = [];
  private readonly byNumber: (FieldType | undefined)[] = [];
  /** What every message of this type begins as, but for lists and maps. */
  private readonly blank: Fields = {};
  private lists: readonly FieldType[] = [];

  /** To be called once, before anything else; messages may hold one another. */
  define(fields: readonly FieldType[]): void {
    this.fields = fields.toSorted((left, right) => left.number - right.number);
    for (const field of this.fields) {
      assert(field.number < MAX_FIELD_NUMBER, `field ${field.name} has a small number`);
      this.byNumber[field.number] = field;
      if (field.union === undefined) {
        this.blank[field.name] = field.repeated ? undefined : field.value.initial;
      }
    }
    this.lists = this.fields.filter((field) => field.repeated);
  }

  /** As a field of other messages. */
  readonly asValue: ValueCodec = {
    wireType: WIRE.length,
    write: (into, value) => {
      const start = into.open();
      this.write(into, object(value));
      into.close(start);
    },
    read: (reader) => {
      const outer = reader.enter();
      const message = this.read(reader);
      reader.leave(outer);
      return message;
    },
    initial: null,
  };

  encode(message: object): Buffer {
    writer.begin();
    this.write(writer, message as Fields);
    return writer.finish();
  }

  /** Throws a RangeError for what is no message. Bytes in it are parts of `bytes`. */
  decode(bytes: Buffer): object {
    return this.read(new WireReader(bytes));
  }

  private write(into: WireWriter, message: Fields): void {
    for (const field of this.fields) {
      const value = message[field.name];
      if (value !== undefined && value !== null) {
        writeField(into, field, value);
      }
    }
  }

  private read(reader: WireReader): Fields {
    const message: Fields = { ...this.blank };
    for (const { name, entry } of this.lists) {
      message[name] = entry === undefined ? [] : {};
    }
    while (!reader.isAtEnd) {
      const tag = reader.uint32();
      const field = this.byNumber[tag >>> 3];
      if (field === undefined || !readField(reader, field, tag & 7, message)) {
        reader.skip(tag & 7);
      }
    }
    return message;
  }
}

/** Numbers are places in a list here. */
const MAX_FIELD_NUMBER = 1000;

function writeField(into: WireWriter, field: FieldType, value: unknown): void {
  const { number, entry, value: codec } = field;
  if (entry !== undefined) {
    for (const [key, held] of Object.entries(object(value))) {
      into.uint32(tagOf(number, WIRE.length));
      const start = into.open();
      into.uint32(tagOf(1, entry.key.wireType));
      entry.key.write(into, key);
      into.uint32(tagOf(2, entry.value.wireType));
      entry.value.write(into, held);
      into.close(start);
    }
  } else if (field.repeated) {
    for (const element of value as readonly unknown[]) {
      into.uint32(tagOf(number, codec.wireType));
      codec.write(into, element);
    }
  } else if (field.union !== undefined || !isInitial(codec, value)) {
    into.uint32(tagOf(number, codec.wireType));
    codec.write(into, value);
  }
}

/** False for a value of another kind than the field's, which is passed over. */
function readField(reader: WireReader, field: FieldType, wireType: number, message: Fields): boolean {
  const { name, value: codec, entry, union } = field;
  if (wireType !== codec.wireType) {
    return (
      field.repeated && wireType === WIRE.length && readPacked(reader, codec, message[name] as unknown[])
    );
  }
  if (entry !== undefined) {
    readEntry(reader, entry, message[name] as Fields);
  } else if (field.repeated) {
    (message[name] as unknown[]).push(codec.read(reader));
  } else {
    if (union !== undefined) {
      const before = message[union];
      if (typeof before === 'string' && before !== name) {
        delete message[before];
      }
      message[union] = name;
    }
    message[name] = codec.read(reader);
  }
  return true;
}

/** Numbers that are sent as one. */
function readPacked(reader: WireReader, codec: ValueCodec, list: unknown[]): boolean {
  const outer = reader.enter();
  while (!reader.isAtEnd) {
    list.push(codec.read(reader));
  }
  reader.leave(outer);
  return true;
}

function readEntry(reader: WireReader, entry: NonNullable<FieldType['entry']>, map: Fields): void {
  const outer = reader.enter();
  let key = entry.key.initial;
  let value = entry.value.initial;
  while (!reader.isAtEnd) {
    const tag = reader.uint32();
    if (tag === tagOf(1, entry.key.wireType)) {
      key = entry.key.read(reader);
    } else if (tag === tagOf(2, entry.value.wireType)) {
      value = entry.value.read(reader);
    } else {
      reader.skip(tag & 7);
    }
  }
  reader.leave(outer);
  // Defined, not assigned: a key may have the name of the prototype.
  if (key === '__proto__') {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    map[String(key)] = value;
  }
}

/** Such a field need not be sent: whoever reads fills it in. */
function isInitial(codec: ValueCodec, value: unknown): boolean {
  return Object.is(value, codec.initial) || (value instanceof Uint8Array && value.length === 0);
}

function tagOf(number: number, wireType: number): number {
  return (number << 3) | wireType;
}

function text(value: unknown): string {
  if (typeof value !== 'string') {
    throw new TypeError(`a text is ${typeof value}`);
  }
  return value;
}

function bytes(value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw new TypeError(`bytes are ${typeof value}`);
  }
  return value;
}

function whole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new TypeError(`a number is ${String(value)}`);
  }
  return Math.trunc(value);
}

function object(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) {
    throw new TypeError(`a message is ${typeof value}`);
  }
  return value as Fields;
}
