// A tiny client of the Engine API on a host's unix socket: what the tests ask, in the API's own words.
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { type Host, isVirtual, socketOf } from './lab.ts';

const PREFIX = '/v1.41';
/** Above the longest a daemon waits for an election (5 s). */
const DEFAULT_TIMEOUT_MS = isVirtual ? 90_000 : 20_000;

const UPDATE_ATTEMPTS = 5;

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Parsed body; undefined where it was no JSON. */
  readonly body: unknown;
}

export interface TaskJson {
  readonly ID: string;
  readonly ServiceID: string;
  readonly NodeID?: string;
  readonly Slot?: number;
  readonly DesiredState: string;
  readonly CreatedAt: string;
  readonly Spec: { readonly ContainerSpec: { readonly Image: string; readonly Env?: readonly string[] } };
  readonly Status: {
    readonly State: string;
    readonly Timestamp: string;
    readonly Message?: string;
    readonly Err?: string;
    readonly ContainerStatus?: {
      readonly ContainerID: string;
      readonly PID: number;
      readonly ExitCode: number;
    };
  };
  readonly NetworksAttachments?: readonly {
    readonly Network: { readonly ID: string; readonly Spec: { readonly Name: string } };
    readonly Addresses: readonly string[];
  }[];
}

export interface NodeJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Role: string;
    readonly Availability: string;
    readonly Labels?: Readonly<Record<string, string>>;
  };
  readonly Description: { readonly Hostname: string };
  readonly Status: { readonly State: string; readonly Addr: string };
  readonly ManagerStatus?: {
    readonly Leader?: boolean;
    readonly Reachability: string;
    readonly Addr: string;
    readonly UnreachableSince?: string;
  };
}

export interface ServiceJson {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: { readonly Name: string } & Readonly<Record<string, unknown>>;
  readonly PreviousSpec?: Readonly<Record<string, unknown>>;
  readonly Endpoint?: {
    readonly VirtualIPs?: readonly { readonly NetworkID: string; readonly Addr: string }[];
    readonly Ports?: readonly {
      readonly Protocol: string;
      readonly PublishedPort: number;
      readonly TargetPort: number;
    }[];
  };
  readonly UpdateStatus?: { readonly State: string; readonly Message: string; readonly CompletedAt?: string };
}

/** A refused request: status and the daemon's message. */
export class EngineError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export class Engine {
  readonly host: Host;

  constructor(host: Host) {
    this.host = host;
  }

  /** The bare exchange; for tests of refusals. */
  ask(method: string, path: string, body?: unknown, timeoutMs = DEFAULT_TIMEOUT_MS): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      const request = httpRequest(
        {
          socketPath: socketOf(this.host),
          method,
          path: PREFIX + path,
          agent: false,
          headers: payload === undefined ? {} : { 'content-type': 'application/json' },
          signal: AbortSignal.timeout(timeoutMs),
        },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('error', reject);
          response.on('end', () => resolve({ status: response.statusCode ?? 0, text, body: parsed(text) }));
        },
      );
      request.on('error', (error) =>
        reject(new Error(`${method} ${path} on ${this.host}: ${error.message}`)),
      );
      request.end(payload);
    });
  }

  /** A stream that goes on (logs with follow, events). The caller destroys it. */
  stream(path: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        { socketPath: socketOf(this.host), path: PREFIX + path, agent: false },
        resolve,
      );
      request.on('error', reject);
      request.end();
    });
  }

  async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.ask(method, path, body);
    if (answer.status >= 400) {
      throw new EngineError(answer.status, messageOf(answer));
    }
    return answer.body;
  }

  nodes(): Promise<readonly NodeJson[]> {
    return this.call('GET', '/nodes') as Promise<readonly NodeJson[]>;
  }
  async tasks(service: string): Promise<readonly TaskJson[]> {
    const filters = encodeURIComponent(JSON.stringify({ service: [service] }));
    return (await this.call('GET', `/tasks?filters=${filters}`)) as readonly TaskJson[];
  }
  service(name: string): Promise<ServiceJson> {
    return this.call('GET', `/services/${name}`) as Promise<ServiceJson>;
  }
  async createService(spec: unknown): Promise<string> {
    return ((await this.call('POST', '/services/create', spec)) as { readonly ID: string }).ID;
  }
  async updateService(
    name: string,
    change: (spec: Record<string, unknown>) => unknown,
    query = '',
  ): Promise<void> {
    const current = await this.service(name);
    const spec = structuredClone(current.Spec) as Record<string, unknown>;
    await this.call(
      'POST',
      `/services/${current.ID}/update?version=${current.Version.Index}${query}`,
      change(spec),
    );
  }
  async removeService(name: string): Promise<void> {
    await this.call('DELETE', `/services/${name}`);
  }
  async createNetwork(name: string, options: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const body = { Name: name, Driver: 'overlay', ...options };
    return ((await this.call('POST', '/networks/create', body)) as { readonly Id: string }).Id;
  }
  /** Tries again when the node's object changed meanwhile (its status is part of it). */
  async updateNode(hostname: string, change: Readonly<Record<string, unknown>>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const node = (await this.nodes()).find((candidate) => candidate.Description.Hostname === hostname);
      if (node === undefined) {
        throw new Error(`no node named ${hostname}`);
      }
      const spec = { ...node.Spec, ...change };
      const answer = await this.ask('POST', `/nodes/${node.ID}/update?version=${node.Version.Index}`, spec);
      if (answer.status < 400) {
        return;
      }
      if (!messageOf(answer).includes('update out of sequence') || attempt === UPDATE_ATTEMPTS) {
        throw new EngineError(answer.status, messageOf(answer));
      }
    }
  }
}

export function engineOf(host: Host): Engine {
  return new Engine(host);
}

/** The daemon's words in an answer that refuses. */
export function messageOf(answer: Answer): string {
  const { body } = answer;
  return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : answer.text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
