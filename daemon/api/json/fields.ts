// Reads JSON bodies as Go's decoder does for Docker: unknown fields are ignored, null is absent, names
// match without regard to case, and a wrong type is a 400 that names the field.
import { SkeinError } from '../../../shared/errors.ts';

type Json = Readonly<Record<string, unknown>>;

function wrongType(path: string, expected: string, value: unknown): SkeinError {
  const kind = Array.isArray(value) ? 'array' : typeof value;
  return new SkeinError(
    'invalid',
    'bad-field',
    `invalid JSON: cannot read ${kind} into field ${path} of type ${expected}`,
  );
}

function doesNotFit(path: string, expected: string, value: number): SkeinError {
  return new SkeinError(
    'invalid',
    'bad-field',
    `invalid JSON: ${value} does not fit field ${path} of type ${expected}`,
  );
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export class Fields {
  private readonly value: Json;
  private readonly path: string;

  constructor(value: unknown, path: string) {
    if (!isObject(value)) {
      throw wrongType(path, 'object', value);
    }
    this.value = value;
    this.path = path;
  }

  has(name: string): boolean {
    return this.raw(name) !== undefined;
  }

  /** As it came, whatever it is. */
  anything(name: string): unknown {
    return this.raw(name);
  }

  /** Names of the fields, as they came. */
  names(): readonly string[] {
    return Object.keys(this.value);
  }

  string(name: string): string {
    return this.optionalString(name) ?? '';
  }

  optionalString(name: string): string | undefined {
    const value = this.raw(name);
    if (value !== undefined && typeof value !== 'string') {
      throw wrongType(this.at(name), 'string', value);
    }
    return value;
  }

  number(name: string): number {
    return this.optionalNumber(name) ?? 0;
  }

  /** An integer of either sign; fractions are refused as Go refuses them. */
  optionalNumber(name: string): number | undefined {
    const value = this.raw(name);
    if (value !== undefined && (typeof value !== 'number' || !Number.isInteger(value))) {
      throw wrongType(this.at(name), 'integer', value);
    }
    if (value !== undefined && !Number.isSafeInteger(value)) {
      throw doesNotFit(this.at(name), 'integer', value);
    }
    return value;
  }

  /** A count: Docker's unsigned fields. */
  unsigned(name: string): number {
    return this.optionalUnsigned(name) ?? 0;
  }

  optionalUnsigned(name: string): number | undefined {
    const value = this.optionalNumber(name);
    if (value !== undefined && value < 0) {
      throw doesNotFit(this.at(name), 'unsigned integer', value);
    }
    return value;
  }

  float(name: string): number {
    const value = this.raw(name);
    if (value !== undefined && typeof value !== 'number') {
      throw wrongType(this.at(name), 'number', value);
    }
    return value ?? 0;
  }

  boolean(name: string): boolean {
    return this.optionalBoolean(name) ?? false;
  }

  optionalBoolean(name: string): boolean | undefined {
    const value = this.raw(name);
    if (value !== undefined && typeof value !== 'boolean') {
      throw wrongType(this.at(name), 'bool', value);
    }
    return value;
  }

  /** Nanoseconds in JSON, milliseconds here. */
  durationMs(name: string): number {
    return this.number(name) / 1e6;
  }

  optionalDurationMs(name: string): number | undefined {
    const value = this.optionalNumber(name);
    return value === undefined ? undefined : value / 1e6;
  }

  object(name: string): Fields | undefined {
    const value = this.raw(name);
    return value === undefined ? undefined : new Fields(value, this.at(name));
  }

  /** The object, or one without fields when absent. */
  section(name: string): Fields {
    return this.object(name) ?? new Fields({}, this.at(name));
  }

  objects(name: string): Fields[] {
    return this.array(name).map((item, index) => new Fields(item, `${this.at(name)}[${index}]`));
  }

  strings(name: string): string[] {
    return this.array(name).map((item, index) => {
      if (typeof item !== 'string') {
        throw wrongType(`${this.at(name)}[${index}]`, 'string', item);
      }
      return item;
    });
  }

  stringMap(name: string): Record<string, string> {
    const section = this.object(name);
    if (section === undefined) {
      return {};
    }
    const result: [string, string][] = [];
    for (const [key, value] of Object.entries(section.value)) {
      if (typeof value !== 'string') {
        throw wrongType(`${this.at(name)}.${key}`, 'string', value);
      }
      result.push([key, value]);
    }
    return Object.fromEntries(result);
  }

  /** base64 as Go's encoding of bytes. */
  bytes(name: string): Uint8Array {
    const text = this.string(name);
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) {
      throw new SkeinError('invalid', 'bad-field', `invalid JSON: field ${this.at(name)} is not base64`);
    }
    return Buffer.from(text, 'base64');
  }

  /** One of the words, in any case; the empty string takes the default. */
  word<T extends string>(name: string, words: readonly T[], fallback: T): T {
    const text = this.string(name).toLowerCase();
    const found = text === '' ? fallback : words.find((word) => word === text);
    if (found === undefined) {
      throw new SkeinError(
        'invalid',
        'bad-field',
        `invalid ${this.at(name)}: '${this.string(name)}' (must be one of ${words.join(', ')})`,
      );
    }
    return found;
  }

  private array(name: string): readonly unknown[] {
    const value = this.raw(name);
    if (value === undefined) {
      return [];
    }
    if (!Array.isArray(value)) {
      throw wrongType(this.at(name), 'array', value);
    }
    return value;
  }

  private raw(name: string): unknown {
    if (Object.hasOwn(this.value, name)) {
      return this.value[name] ?? undefined;
    }
    const lower = name.toLowerCase();
    const key = Object.keys(this.value).find((candidate) => candidate.toLowerCase() === lower);
    return key === undefined ? undefined : (this.value[key] ?? undefined);
  }

  private at(name: string): string {
    return `${this.path}.${name}`;
  }
}

/** Drops undefined fields, so that absent stays absent in the answer (Go's omitempty). */
export function compact(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));
}

/** undefined for an empty list, so that `compact` leaves it out. */
export function listOrNothing<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

export function mapOrNothing(
  map: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  return Object.keys(map).length === 0 ? undefined : map;
}

export function textOrNothing(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

export function numberOrNothing(value: number | undefined): number | undefined {
  return value === 0 ? undefined : value;
}

export function trueOrNothing(value: boolean | undefined): true | undefined {
  return value === true ? true : undefined;
}

export function nanoseconds(ms: number): number {
  return Math.round(ms * 1e6);
}

export function timestamp(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
