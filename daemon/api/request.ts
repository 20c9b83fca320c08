// What every route needs of a request: typed query values, Docker's filters, and a call context that ends
// with the client.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SkeinError } from '../../shared/errors.ts';
import type { Filters } from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import { Fields } from './json/fields.ts';

/** The operator behind the local socket; aborted when the client goes away. */
export function callContext(reply: FastifyReply): CallContext {
  const controller = new AbortController();
  reply.raw.once('close', () =>
    controller.abort(new SkeinError('unavailable', 'client-gone', 'the client went away')),
  );
  return { peer: { kind: 'local' }, signal: controller.signal };
}

/** The last second that a Date can tell. */
const MAX_UNIX_SECONDS = 8.64e12;

export class Query {
  private readonly values: Readonly<Record<string, unknown>>;

  constructor(request: Pick<FastifyRequest, 'query'>) {
    this.values = typeof request.query === 'object' && request.query !== null ? { ...request.query } : {};
  }

  string(name: string): string {
    return this.strings(name)[0] ?? '';
  }

  strings(name: string): string[] {
    const value = this.values[name];
    return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
  }

  /** Docker's booleans: `1`, `true`, `True`; anything else that is not a no is a yes too. */
  boolean(name: string): boolean {
    return !['', '0', 'no', 'false', 'none'].includes(this.string(name).trim().toLowerCase());
  }

  /** Unix seconds with an optional fraction, as the docker command sends them; here epoch ms. */
  time(name: string): number | undefined {
    const text = this.string(name);
    if (text === '') {
      return undefined;
    }
    const seconds = Number(text);
    if (!/^-?\d+(?:\.\d+)?$/.test(text) || Math.abs(seconds) > MAX_UNIX_SECONDS) {
      throw new SkeinError('invalid', 'bad-time', `invalid time '${text}' of ${name}: it takes Unix seconds`);
    }
    return seconds * 1000;
  }

  /** The version an update was made from. */
  version(): number {
    const text = this.string('version');
    const version = Number(text);
    if (text === '' || !Number.isSafeInteger(version) || version < 0) {
      throw new SkeinError(
        'invalid',
        'bad-version',
        `invalid version '${text}': pass the object's Version.Index as ?version=`,
      );
    }
    return version;
  }

  /** `{"name":{"value":true}}`, or the older `{"name":["value"]}`. */
  filters(): Filters {
    const text = this.string('filters');
    if (text === '') {
      return {};
    }
    const parsed = parseFilterJson(text);
    const entries = Object.entries(parsed).map(
      ([name, values]) => [name, filterValues(name, values)] as const,
    );
    return Object.fromEntries(entries.filter(([, values]) => values.length > 0));
  }
}

function parseFilterJson(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed;
    }
  } catch {
    // Told below: what matters to the caller is the parameter, not the parser's position.
  }
  throw new SkeinError('invalid', 'bad-filter', 'invalid filter: the parameter filters takes a JSON object');
}

function filterValues(name: string, values: unknown): readonly string[] {
  if (Array.isArray(values)) {
    return values.filter((value) => typeof value === 'string');
  }
  if (typeof values === 'object' && values !== null) {
    return Object.entries(values)
      .filter(([, wanted]) => wanted === true)
      .map(([value]) => value);
  }
  throw new SkeinError('invalid', 'bad-filter', `invalid filter '${name}': it takes a map of values to true`);
}

export function body(request: FastifyRequest, type: string): Fields {
  if (request.body === undefined || request.body === null || request.headers['content-length'] === '0') {
    throw new SkeinError('invalid', 'no-body', `the request needs a JSON body (${type})`);
  }
  if (request.body instanceof Readable) {
    throw new SkeinError(
      'invalid',
      'bad-content-type',
      `unsupported Content-Type header (${request.headers['content-type'] ?? ''}): must be 'application/json'`,
    );
  }
  return new Fields(request.body, type);
}

export function parameter(request: FastifyRequest, name: string): string {
  const { params } = request;
  const value: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
  return typeof value === 'string' ? value : '';
}
