// One address that calls are made to: connects when first needed and again after a loss, fails fast and in
// clear words when nothing answers, and changes over to a new certificate without disturbing running calls.
import { ChannelCredentials, Client, connectivityState } from '@grpc/grpc-js';
import { type Clock, systemClock } from '../clock.ts';
import { SkeinError } from '../errors.ts';
import { type Trust, TrustCredentials } from './credentials.ts';
import { unreachable } from './errors.ts';
import { unlessAborted } from './flow.ts';
import {
  CONNECT_TIMEOUT_MS,
  FIRST_RECONNECT_DELAY_MS,
  KEEPALIVE_PERIOD_MS,
  KEEPALIVE_TIMEOUT_MS,
  LAST_RECONNECT_DELAY_MS,
  MAX_MESSAGE_BYTES,
} from './limits.ts';

/** `address` is `host:port`; `path` a unix socket, trusted by who may open it. */
export type RpcTarget =
  | { readonly kind: 'tcp'; readonly address: string; readonly trust: Trust }
  | { readonly kind: 'unix'; readonly path: string };

export interface RpcConnectionDependencies {
  readonly clock: Clock;
}

interface Link {
  readonly client: Client;
  readonly credentials: TrustCredentials | undefined;
}

export class RpcConnection {
  private readonly dependencies: RpcConnectionDependencies;
  private readonly target: RpcTarget;
  private readonly unsubscribe: (() => void) | undefined;
  private link: Link | undefined;
  private closed = false;

  constructor(dependencies: RpcConnectionDependencies, options: { readonly target: RpcTarget }) {
    this.dependencies = dependencies;
    this.target = options.target;
    if (this.target.kind === 'tcp' && this.target.trust.kind === 'member') {
      this.unsubscribe = this.target.trust.identity.onChange(() => this.dropLink());
    }
  }

  get address(): string {
    return this.target.kind === 'tcp' ? this.target.address : this.target.path;
  }

  get clock(): Clock {
    return this.dependencies.clock;
  }

  /**
   * Resolves with a connected client. Throws `unreachable`, or what is wrong with the server's certificate;
   * gives up after CONNECT_TIMEOUT_MS or the signal.
   */
  async ready(signal: AbortSignal): Promise<Client> {
    if (this.closed) {
      throw new SkeinError(
        'unavailable',
        'connection-closed',
        `the connection to ${this.address} was closed here`,
      );
    }
    this.link ??= this.open();
    const { link } = this;
    const channel = link.client.getChannel();
    const deadline = grpcDeadline(CONNECT_TIMEOUT_MS);
    let state = channel.getConnectivityState(true);
    while (state !== connectivityState.READY) {
      if (state === connectivityState.TRANSIENT_FAILURE) {
        throw link.credentials?.lastFailure ?? unreachable(this.address, 'nothing answers there');
      }
      const seen = state;
      const changed = await unlessAborted(signal, () => stateChange(channel, seen, deadline));
      if (!changed) {
        // A TCP connect into the void would be retried ever more slowly: begin anew next time.
        this.dropLink();
        throw unreachable(this.address, `no answer within ${CONNECT_TIMEOUT_MS / 1000} s`);
      }
      state = channel.getConnectivityState(true);
    }
    return link.client;
  }

  /** What the server's newest certificate says, verified or not; undefined for unix sockets. */
  serverFacts(): ReturnType<TrustCredentials['serverFacts']> {
    return this.link?.credentials?.serverFacts();
  }

  /** Ends the connection once its running calls have ended; new calls fail. */
  close(): void {
    this.closed = true;
    this.unsubscribe?.();
    this.dropLink();
  }

  private dropLink(): void {
    this.link?.client.close();
    this.link = undefined;
  }

  private open(): Link {
    if (this.target.kind === 'unix') {
      const client = new Client(
        `unix:${this.target.path}`,
        ChannelCredentials.createInsecure(),
        LOCAL_CHANNEL_OPTIONS,
      );
      return { client, credentials: undefined };
    }
    const credentials = new TrustCredentials({ clock: this.clock }, { trust: this.target.trust });
    return { client: new Client(`dns:${this.target.address}`, credentials, CHANNEL_OPTIONS), credentials };
  }
}

/** The kernel tells at once when the process behind a unix socket is gone; one that only stalls is waited for. */
const LOCAL_CHANNEL_OPTIONS = {
  'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
  'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
  'grpc.initial_reconnect_backoff_ms': FIRST_RECONNECT_DELAY_MS,
  'grpc.max_reconnect_backoff_ms': LAST_RECONNECT_DELAY_MS,
  // Each RpcConnection is a connection of its own, with its own certificate.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.service_config_disable_resolution': 1,
  'grpc.enable_retries': 0,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
} as const;

/** A host that is gone says nothing. */
const CHANNEL_OPTIONS = {
  ...LOCAL_CHANNEL_OPTIONS,
  'grpc.keepalive_time_ms': KEEPALIVE_PERIOD_MS,
  'grpc.keepalive_timeout_ms': KEEPALIVE_TIMEOUT_MS,
  'grpc.keepalive_permit_without_calls': 1,
} as const;

/** The moment `timeoutMs` from now. grpc-js compares deadlines with the process's own clock and no other. */
export function grpcDeadline(timeoutMs: number): number {
  return systemClock.now() + timeoutMs;
}

/** False when the deadline (epoch milliseconds) passed first. */
function stateChange(
  channel: ReturnType<Client['getChannel']>,
  from: connectivityState,
  deadline: number,
): Promise<boolean> {
  return new Promise((resolve) => {
    channel.watchConnectivityState(from, deadline, (error) => resolve(error === undefined));
  });
}
