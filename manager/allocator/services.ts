// What a service gets: published ports and a virtual address on each of its overlay networks. After a change
// of its spec it keeps what still fits. Decisions only; the ledger notes what was given.
import type { EndpointSpec, PortConfig } from '../../shared/model/endpoint.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { Endpoint, Service, VirtualIp } from '../../shared/model/service.ts';
import type { ReadView } from '../store/api.ts';
import { type AttachmentTarget, noRoom, resolveTarget } from './attachments.ts';
import type { Ledger } from './ledger.ts';
import type { Wait } from './waiting.ts';

const DEFAULT_ENDPOINT: EndpointSpec = { mode: 'vip', ports: [] };

export type ServiceOutcome =
  /** The endpoint fits the spec already. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'done'; readonly service: Service }
  | { readonly kind: 'wait'; readonly wait: Wait };

export function allocateService(service: Service, view: ReadView, ledger: Ledger): ServiceOutcome {
  const spec = service.spec.endpoint ?? DEFAULT_ENDPOINT;
  const networks = virtualIpNetworks(service, spec, view, ledger);
  if ('wait' in networks) {
    return { kind: 'wait', wait: networks.wait };
  }
  if (service.endpoint !== undefined && isSettled(service.endpoint, spec, networks.ids)) {
    return { kind: 'settled' };
  }
  const undo: (() => void)[] = [];
  const outcome = build(service, spec, networks.ids, view, ledger, undo);
  if (outcome.kind === 'wait') {
    for (const step of undo) {
      step();
    }
  }
  return outcome;
}

function build(
  service: Service,
  spec: EndpointSpec,
  networkIds: readonly Id[],
  view: ReadView,
  ledger: Ledger,
  undo: (() => void)[],
): ServiceOutcome {
  const ports: PortConfig[] = [];
  for (const port of spec.ports) {
    const resolved = publish(service, port, ports, view, ledger, undo);
    if ('wait' in resolved) {
      return { kind: 'wait', wait: resolved.wait };
    }
    ports.push(resolved.port);
  }
  const virtualIps: VirtualIp[] = [];
  for (const networkId of networkIds) {
    const kept = (service.endpoint?.virtualIps ?? []).filter((held) => held.networkId === networkId);
    if (kept.length > 0) {
      virtualIps.push(...kept);
      continue;
    }
    const addresses = ledger.takeAddresses(networkId, service.id);
    if (addresses === undefined) {
      return { kind: 'wait', wait: noRoom(networkId, view, ledger) };
    }
    undo.push(() => ledger.releaseAll(networkId, addresses, service.id));
    virtualIps.push(...addresses.map((address) => ({ networkId, address })));
  }
  const endpoint: Endpoint = { spec, ports, virtualIps };
  return { kind: 'done', service: { ...service, endpoint } };
}

type PortOutcome = { readonly port: PortConfig } | { readonly wait: Wait };

/** @param chosen ports resolved before this one, which it must not repeat */
function publish(
  service: Service,
  port: PortConfig,
  chosen: readonly PortConfig[],
  view: ReadView,
  ledger: Ledger,
  undo: (() => void)[],
): PortOutcome {
  // Ports in host mode are the node's own matter: an open one is chosen there.
  if (port.mode === 'host') {
    return { port };
  }
  const isFree = (published: number) =>
    !chosen.some((other) => other.protocol === port.protocol && other.published === published);
  const kept = service.endpoint?.ports.find(
    (held) => samePort({ ...held, published: 0 }, port) && held.published !== 0 && isFree(held.published),
  );
  if (port.published === 0 && kept !== undefined) {
    return { port: kept };
  }
  const holder = port.published === 0 ? undefined : ledger.ports.holder(port.protocol, port.published);
  if (port.published === 0) {
    const published = ledger.ports.take(port.protocol, service.id);
    if (published === undefined) {
      const reason = `no free ${port.protocol} port from 30000 to 32767 is left to publish: name a port`;
      return { wait: { reason, keys: [`port:${port.protocol}`] } };
    }
    undo.push(() => ledger.ports.release(port.protocol, published, service.id));
    return { port: { ...port, published } };
  }
  if (holder === undefined) {
    ledger.ports.claim(port.protocol, port.published, service.id);
    undo.push(() => ledger.ports.release(port.protocol, port.published, service.id));
  } else if (holder !== service.id) {
    const name = view.get('service', holder)?.spec.name ?? holder;
    const reason = `port ${port.published}/${port.protocol} is in use by service ${name}: choose another port`;
    return { wait: { reason, keys: [`port:${port.protocol}:${port.published}`] } };
  }
  return { port };
}

type NetworksOutcome = { readonly ids: readonly Id[] } | { readonly wait: Wait };

/** Networks that the service needs a virtual address on, or what it waits for. */
function virtualIpNetworks(
  service: Service,
  spec: EndpointSpec,
  view: ReadView,
  ledger: Ledger,
): NetworksOutcome {
  const targets: AttachmentTarget[] = service.spec.task.networks.map(({ target }) =>
    resolveTarget(target, view),
  );
  if (spec.ports.some((port) => port.mode === 'ingress')) {
    const id = ledger.ingressNetworkId;
    if (id === undefined) {
      const reason =
        'the cluster has no ingress network to publish ports on: create one with `network create --driver overlay --ingress`, or publish in host mode';
      return { wait: { reason, keys: ['ingress'] } };
    }
    targets.push(resolveTarget(id, view));
  }
  const ids = new Set<Id>();
  for (const target of targets) {
    if (target.kind === 'wait') {
      return { wait: target.wait };
    }
    if (target.kind === 'overlay' && spec.mode === 'vip') {
      ids.add(target.network.id);
    }
  }
  return { ids: [...ids] };
}

function isSettled(endpoint: Endpoint, spec: EndpointSpec, networkIds: readonly Id[]): boolean {
  const held = new Set(endpoint.virtualIps.map((virtualIp) => virtualIp.networkId));
  return (
    endpoint.spec.mode === spec.mode &&
    endpoint.spec.ports.length === spec.ports.length &&
    endpoint.spec.ports.every((port, index) => samePort(port, spec.ports[index])) &&
    endpoint.ports.length === spec.ports.length &&
    held.size === networkIds.length &&
    networkIds.every((id) => held.has(id))
  );
}

function samePort(a: PortConfig, b: PortConfig | undefined): boolean {
  return (
    b !== undefined &&
    a.name === b.name &&
    a.protocol === b.protocol &&
    a.target === b.target &&
    a.published === b.published &&
    a.mode === b.mode
  );
}
