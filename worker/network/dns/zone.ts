// What the views of a task's networks say about a name or an address. Pure: the resolver decides here and
// does its I/O elsewhere. Names are compared in lower case without a trailing dot.
import { isIPv4 } from 'node:net';
import type { NetworkView, ViewService } from '../../../shared/model/view.ts';
import { ipv6Of } from '../plan/addressing.ts';

/** `addresses` may hold both families; an empty answer to a known name means "no such type", never "no such name". */
export type ZoneAnswer =
  | { readonly known: true; readonly addresses: readonly string[] }
  | { readonly known: false };

const UNKNOWN: ZoneAnswer = { known: false };
const TASKS_PREFIX = 'tasks.';
const REVERSE_SUFFIX = '.in-addr.arpa';
const REVERSE_SUFFIX_V6 = '.ip6.arpa';
const NIBBLES_OF_V6 = 32;

export function normalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

/** Networks in the task's order; the first that knows the name answers. The ingress network has no names. */
export function lookupName(views: readonly NetworkView[], name: string): ZoneAnswer {
  const wanted = normalName(name);
  for (const view of views) {
    if (view.ingress) {
      continue;
    }
    const suffix = `.${view.name.toLowerCase()}`;
    const candidates = wanted.endsWith(suffix) ? [wanted, wanted.slice(0, -suffix.length)] : [wanted];
    for (const candidate of candidates) {
      const answer = lookupIn(view, candidate);
      if (answer.known) {
        return answer;
      }
    }
  }
  return UNKNOWN;
}

function lookupIn(view: NetworkView, name: string): ZoneAnswer {
  if (name === '') {
    // Containers have no service's name, and none at all where a service is called alike.
    return UNKNOWN;
  }
  const services = view.services.filter((service) => isNameOf(service, name));
  if (services.length > 0) {
    return { known: true, addresses: services.flatMap(addressesOf) };
  }
  if (name.startsWith(TASKS_PREFIX)) {
    const rest = name.slice(TASKS_PREFIX.length);
    const all = view.services.filter((service) => isNameOf(service, rest));
    return all.length === 0 ? UNKNOWN : { known: true, addresses: all.flatMap(servingAddresses) };
  }
  const endpoints = view.services
    .flatMap((service) => service.endpoints)
    .filter((endpoint) => [endpoint.taskName, endpoint.taskId, ...endpoint.aliases].some(equals(name)));
  return endpoints.length === 0
    ? UNKNOWN
    : { known: true, addresses: endpoints.flatMap((endpoint) => endpoint.addresses.map(bare)) };
}

function isNameOf(service: ViewService, name: string): boolean {
  return [service.name, ...service.aliases].some(equals(name));
}

function equals(name: string): (other: string) => boolean {
  return (other) => other.toLowerCase() === name;
}

/** A virtual address where there is one; all serving tasks otherwise. */
function addressesOf(service: ViewService): string[] {
  return service.mode === 'vip' && service.virtualIps.length > 0
    ? service.virtualIps.map(bare)
    : servingAddresses(service);
}

function servingAddresses(service: ViewService): string[] {
  return service.endpoints
    .filter((endpoint) => endpoint.state === 'serving')
    .flatMap((endpoint) => endpoint.addresses.map(bare));
}

/** IPv6 as every comparison here has it. */
function bare(address: string): string {
  const text = address.split('/')[0] ?? address;
  return ipv6Of([text])[0] ?? text;
}

/** `5.1.0.10.in-addr.arpa`, or 32 nibbles and `.ip6.arpa` → the address; undefined when it is none. */
export function reverseAddress(name: string): string | undefined {
  const wanted = normalName(name);
  if (wanted.endsWith(REVERSE_SUFFIX_V6)) {
    const nibbles = wanted.slice(0, -REVERSE_SUFFIX_V6.length).split('.').reverse();
    return nibbles.length === NIBBLES_OF_V6 && nibbles.every((one) => /^[0-9a-f]$/.test(one))
      ? ipv6Of([nibbles.join('').replace(/(.{4})(?=.)/g, '$1:')])[0]
      : undefined;
  }
  if (!wanted.endsWith(REVERSE_SUFFIX)) {
    return undefined;
  }
  const address = wanted.slice(0, -REVERSE_SUFFIX.length).split('.').reverse().join('.');
  return isIPv4(address) ? address : undefined;
}

/** Names of an address: the task's on its network, or the service's for a virtual address. */
export function lookupAddress(views: readonly NetworkView[], address: string): string[] {
  return views
    .filter((view) => !view.ingress)
    .flatMap((view) =>
      view.services.flatMap((service) => [
        ...(service.virtualIps.map(bare).includes(address) ? [`${service.name}.${view.name}`] : []),
        ...service.endpoints
          .filter((endpoint) => endpoint.taskName !== '' && endpoint.addresses.map(bare).includes(address))
          .map((endpoint) => `${endpoint.taskName}.${view.name}`),
      ]),
    );
}
