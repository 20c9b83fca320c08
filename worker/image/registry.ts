// Client of the OCI distribution API (spec 1.1): manifests and blobs, token and basic authentication.
// It fails fast and says why; what it fetched is checked against its digest by whoever stores it.
import { ChildAbort } from '../../shared/child_abort.ts';
import { errorMessage, SkeinError } from '../../shared/errors.ts';
import type { RegistryAuth } from './api.ts';
import { digestOf } from './content.ts';
import { MEDIA } from './documents.ts';
import { damaged, imageNotFound } from './errors.ts';
import type { Reference } from './reference.ts';

export interface RegistryOptions {
  /** Registries (`host[:port]`) that may be spoken to without TLS; those on loopback always may. */
  readonly insecure: readonly string[];
  /** Registry of names without one; empty: such names are never pulled. */
  readonly defaultRegistry: string;
}

/** A registry that does not begin to answer within this long is unreachable. */
const RESPONSE_TIMEOUT_MS = 15_000;
/** Manifests larger than this are refused (the distribution spec's advice). */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** A broken blob transfer is resumed this often before it fails. */
const MAX_RESUMES = 3;
const ACCEPT = [MEDIA.ociIndex, MEDIA.dockerList, MEDIA.ociManifest, MEDIA.dockerManifest].join(', ');

export interface FetchedManifest {
  readonly bytes: Buffer;
  readonly digest: string;
  readonly mediaType: string;
}

function unreachable(registry: string, cause: unknown): SkeinError {
  const inner =
    cause instanceof Error && cause.cause !== undefined ? errorMessage(cause.cause) : errorMessage(cause);
  return new SkeinError(
    'unavailable',
    'registry-unreachable',
    `registry ${registry} cannot be reached: ${inner}`,
    { cause },
  );
}

/** One repository at its registry, with the credentials of one caller. */
export class RegistryClient {
  private readonly reference: Reference;
  private readonly auth: RegistryAuth | undefined;
  private readonly registry: string;
  private readonly base: string;
  private readonly path: string;
  private authorization: string | undefined;

  constructor(options: RegistryOptions, reference: Reference, auth: RegistryAuth | undefined) {
    this.reference = reference;
    this.auth = auth;
    this.registry = reference.registry === '' ? options.defaultRegistry : reference.registry;
    if (this.registry === '') {
      throw new SkeinError(
        'not-found',
        'image-not-found',
        `No such image: ${reference.path}${reference.tag === '' ? '' : `:${reference.tag}`} (it is not on this node, its name has no registry, and skeind was given no --default-registry)`,
      );
    }
    const host = this.registry.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
    const loopback = host === 'localhost' || host === '::1' || /^127\./.test(host);
    this.base = `${loopback || options.insecure.includes(this.registry) ? 'http' : 'https'}://${this.registry}`;
    // One-word names live below `library` at the default registry, as Docker has it.
    this.path =
      reference.registry === '' && !reference.path.includes('/')
        ? `library/${reference.path}`
        : reference.path;
  }

  /** @param target tag or digest */
  async manifest(target: string, signal: AbortSignal): Promise<FetchedManifest> {
    const response = await this.get(`manifests/${target}`, { accept: ACCEPT }, signal);
    const bytes = await this.readLimited(response, `the manifest of ${this.reference.path}`, signal);
    const digest = digestOf(bytes);
    if (target.startsWith('sha256:') && target !== digest) {
      throw damaged(`manifest ${target}`, `the registry sent one with digest ${digest}`);
    }
    return {
      bytes,
      digest,
      mediaType: (response.headers.get('content-type') ?? '').replace(/;.*$/, '').trim(),
    };
  }

  /** The blob's bytes; a transfer that breaks off goes on where it stopped, a few times. */
  async *blob(digest: string, signal: AbortSignal): AsyncGenerator<Buffer> {
    let received = 0;
    for (let resumes = 0; ; resumes += 1) {
      const range: Record<string, string> = received > 0 ? { range: `bytes=${received}-` } : {};
      const response = await this.get(`blobs/${digest}`, range, signal);
      if (received > 0 && response.status !== 206) {
        await response.body?.cancel();
        throw unreachable(
          this.registry,
          new Error(`the transfer of ${digest} broke off, and the registry cannot resume it`),
        );
      }
      try {
        for await (const chunk of response.body ?? []) {
          received += chunk.length;
          yield Buffer.from(chunk);
        }
        return;
      } catch (error) {
        if (signal.aborted || resumes >= MAX_RESUMES) {
          throw signal.aborted ? signal.reason : unreachable(this.registry, error);
        }
      }
    }
  }

  private async get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    const url = `${this.base}/v2/${this.path}/${path}`;
    let response = await this.request(url, headers, signal);
    if (response.status === 401) {
      await response.body?.cancel();
      this.authorization = await this.authenticate(response.headers.get('www-authenticate') ?? '', signal);
      response = await this.request(url, headers, signal);
    }
    if (response.ok) {
      return response;
    }
    await response.body?.cancel();
    throw this.refusal(response.status);
  }

  private refusal(status: number): SkeinError {
    const name = `${this.registry}/${this.path}${this.reference.tag === '' ? '' : `:${this.reference.tag}`}`;
    switch (status) {
      case 404:
        return imageNotFound(name);
      case 401:
      case 403:
        return new SkeinError(
          'denied',
          'registry-denied',
          `pull access denied for ${name}: the repository does not exist, or it needs credentials (docker login, --with-registry-auth)`,
        );
      case 429:
        return new SkeinError(
          'unavailable',
          'registry-busy',
          `registry ${this.registry} has too many requests: try again later`,
        );
      default:
        return new SkeinError(
          'unavailable',
          'registry-failed',
          `registry ${this.registry} answered ${status} for ${name}`,
        );
    }
  }

  private async request(
    url: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    const timeout = new ChildAbort(signal);
    const timer = setTimeout(
      () => timeout.abort(new Error(`no answer within ${RESPONSE_TIMEOUT_MS / 1000} s`)),
      RESPONSE_TIMEOUT_MS,
    );
    try {
      return await fetch(url, {
        headers: {
          ...headers,
          ...(this.authorization !== undefined && { authorization: this.authorization }),
        },
        signal: timeout.signal,
      });
    } catch (error) {
      throw signal.aborted
        ? signal.reason
        : unreachable(this.registry, timeout.signal.aborted ? timeout.signal.reason : error);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Answers a `WWW-Authenticate` challenge: basic, or a bearer token fetched from its realm. */
  private async authenticate(challenge: string, signal: AbortSignal): Promise<string> {
    const [scheme = '', rest = ''] = challenge.split(/\s+(.*)/s);
    const basic =
      this.auth === undefined
        ? undefined
        : `Basic ${Buffer.from(`${this.auth.username}:${this.auth.password}`).toString('base64')}`;
    if (scheme.toLowerCase() === 'basic') {
      if (basic === undefined) {
        throw this.refusal(401);
      }
      return basic;
    }
    const fields = Object.fromEntries(
      [...rest.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? '', match[2] ?? '']),
    );
    const url = realmOf(fields['realm'] ?? '');
    // Credentials that were given for TLS are not sent without it because a registry says so.
    const isOpen = this.base.startsWith('https:') && url?.protocol !== 'https:';
    if (scheme.toLowerCase() !== 'bearer' || url === undefined || (isOpen && basic !== undefined)) {
      throw new SkeinError(
        'denied',
        'registry-denied',
        `registry ${this.registry} asks for an authentication that is not known here`,
      );
    }
    url.searchParams.set('service', fields['service'] ?? '');
    url.searchParams.set('scope', fields['scope'] ?? `repository:${this.path}:pull`);
    this.authorization = basic;
    const response = await this.request(url.toString(), {}, signal);
    this.authorization = undefined;
    if (!response.ok) {
      await response.body?.cancel();
      throw this.refusal(response.status);
    }
    return `Bearer ${tokenOf(await this.readLimited(response, 'the token', signal))}`;
  }

  private async readLimited(response: Response, what: string, signal: AbortSignal): Promise<Buffer> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.length;
        if (size > MAX_MANIFEST_BYTES) {
          throw damaged(what, `it is larger than ${MAX_MANIFEST_BYTES} bytes`);
        }
        chunks.push(chunk);
      }
    } catch (error) {
      if (signal.aborted || error instanceof SkeinError) {
        throw signal.aborted ? signal.reason : error;
      }
      throw unreachable(this.registry, error);
    }
    return Buffer.concat(chunks);
  }
}

function realmOf(text: string): URL | undefined {
  return /^https?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
}

/** Undefined for what is no JSON: there is no token in it. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

function tokenOf(bytes: Buffer): string {
  const json = jsonOf(bytes);
  if (typeof json === 'object' && json !== null) {
    for (const name of ['token', 'access_token']) {
      const value: unknown = Reflect.get(json, name);
      if (typeof value === 'string') {
        return value;
      }
    }
  }
  throw new SkeinError('unavailable', 'registry-failed', "the registry's token service sent no token");
}
