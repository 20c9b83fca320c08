// Passes calls on to the leader: wraps a service so that a manager that does not lead asks the one that does.
import type { CallContext } from '../protocol/peer.ts';
import { noLeader, notLeader } from './errors.ts';
import type { MethodTable } from './method.ts';
import { type MethodEntry, methodEntries } from './method_entries.ts';

/** Where the leader is at this moment. The service of `elsewhere` must forward the peer (`ClientOptions`). */
export type LeaderRoute<Service> =
  | { readonly kind: 'here' }
  | { readonly kind: 'elsewhere'; readonly address: string; readonly service: Service }
  | { readonly kind: 'none' };

/**
 * The same service, carried out by the leader. Throws `no-leader`, and `not-leader` for a call that was
 * passed on already: two managers with old news never send a call to and fro.
 */
export function toLeader<Service extends object>(
  table: MethodTable<Service>,
  local: Service,
  route: () => LeaderRoute<Service>,
): Service {
  const functions: Record<string, unknown> = {};
  for (const entry of methodEntries(table)) {
    functions[entry.name] = isStream(entry)
      ? async function* (...args: readonly unknown[]) {
          yield* invoke(choose(local, route(), args), entry.name, args) as AsyncIterable<unknown>;
        }
      : async (...args: readonly unknown[]) => invoke(choose(local, route(), args), entry.name, args);
  }
  return functions as Service;
}

function isStream(entry: MethodEntry): boolean {
  return entry.method.kind === 'server-stream' || entry.method.kind === 'bidi';
}

function choose<Service>(local: Service, route: LeaderRoute<Service>, args: readonly unknown[]): Service {
  if (route.kind === 'here') {
    return local;
  }
  const context = args.at(-1) as CallContext;
  if (context.forwarded === true) {
    throw notLeader(route.kind === 'elsewhere' ? route.address : '');
  }
  if (route.kind === 'none') {
    throw noLeader();
  }
  return route.service;
}

function invoke<Service>(service: Service, name: string, args: readonly unknown[]): unknown {
  const functions = service as Record<string, (...args: readonly unknown[]) => unknown>;
  return functions[name]?.(...args);
}
