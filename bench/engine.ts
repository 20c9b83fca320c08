// The Engine API as a bench needs it: JSON calls over a unix socket, the same code for skein and dockerd.
// Knows nothing of who answers.
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** API version that dockerd 20.10 and skein both speak. */
const API = '/v1.41';
/** A call that takes longer is stuck; no bench waits for it. */
const CALL_TIMEOUT_MS = 30_000;

export interface TaskJson {
  readonly ID: string;
  readonly NodeID?: string;
  readonly Slot?: number;
  readonly DesiredState: string;
  readonly Status: { readonly State: string; readonly Err?: string; readonly Message?: string };
}

export interface NodeJson {
  readonly ID: string;
  readonly Description: { readonly Hostname: string };
  readonly Status: { readonly State: string };
  readonly ManagerStatus?: { readonly Leader?: boolean };
}

export interface ServiceJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: Record<string, unknown> & { readonly Name: string };
  readonly Endpoint?: {
    readonly VirtualIPs?: readonly { readonly NetworkID: string; readonly Addr: string }[];
  };
}

export class Engine {
  readonly socket: string;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 4 });

  constructor(socket: string) {
    this.socket = socket;
  }

  close(): void {
    this.agent.destroy();
  }

  /** @throws Error with the daemon's message on any status of 400 and above */
  call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const raw = body instanceof Buffer;
    const data = body === undefined || raw ? body : Buffer.from(JSON.stringify(body));
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.socket,
          path: `${API}${path}`,
          method,
          agent: this.agent,
          timeout: CALL_TIMEOUT_MS,
          headers: {
            ...(data === undefined
              ? {}
              : {
                  'content-type': raw ? 'application/x-tar' : 'application/json',
                  'content-length': data.length,
                }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const status = response.statusCode ?? 0;
            if (status >= 400) {
              reject(new Error(`${method} ${path}: ${status} ${text.trim()}`));
            } else {
              resolve(parse<T>(text));
            }
          });
        },
      );
      sent.once('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer`)));
      sent.once('error', reject);
      sent.end(data);
    });
  }

  /** Waits until the daemon answers at all. */
  async ready(limitMs: number): Promise<void> {
    await until(limitMs, `an answer at ${this.socket}`, async () => {
      try {
        await this.call('GET', '/info');
        return true;
      } catch {
        return false;
      }
    });
  }

  tasks(serviceId: string): Promise<readonly TaskJson[]> {
    return this.call('GET', `/tasks?filters=${filters({ service: [serviceId] })}`);
  }

  nodes(): Promise<readonly NodeJson[]> {
    return this.call('GET', '/nodes');
  }

  service(id: string): Promise<ServiceJson> {
    return this.call('GET', `/services/${id}`);
  }

  async importImage(archive: Buffer, name: string, changes: readonly string[]): Promise<void> {
    const [repo = '', tag = 'latest'] = name.split(':');
    const query = new URLSearchParams({ fromSrc: '-', repo, tag });
    for (const change of changes) {
      query.append('changes', change);
    }
    await this.call('POST', `/images/create?${query}`, archive);
  }
}

export function filters(values: Record<string, readonly string[]>): string {
  return encodeURIComponent(JSON.stringify(values));
}

/** Polls until the condition holds. @throws Error naming what was waited for */
export async function until(
  limitMs: number,
  what: string,
  holds: () => Promise<boolean>,
  periodMs = 100,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > end) {
      throw new Error(`not within ${limitMs / 1000} s: ${what}`);
    }
    await sleep(periodMs);
  }
}

/** Answers of /images/create are lines of progress; the last one counts. */
function parse<T>(text: string): T {
  const lines = text.trim().split(/\r?\n/);
  const last = lines.at(-1) ?? '';
  return JSON.parse(last === '' ? 'null' : lines.length > 1 ? last : text) as T;
}
