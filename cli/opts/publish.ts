// --publish: the short form (`8080:80/tcp`, ranges, no host address) and the long form (`published=…,target=…`).
import type { Port } from '../client/types.ts';
import { UsageError } from '../errors.ts';
import { csvFields, keyValue } from './csv.ts';

const PROTOCOLS = ['tcp', 'udp', 'sctp'];
const MODES = ['ingress', 'host'];
const MAX_PORT = 65_535;

/** @throws UsageError */
export function parsePublish(value: string): Port[] {
  return /=/.test(value) ? [longForm(value)] : shortForm(value);
}

function longForm(value: string): Port {
  let port: Port = { Protocol: 'tcp', PublishMode: 'ingress' };
  for (const field of csvFields(value)) {
    const { key, value: text } = keyValue(field);
    if (text === undefined || text === '') {
      throw new UsageError(`invalid field: ${field}`);
    }
    port = { ...port, ...portField(key, text.toLowerCase()) };
  }
  if (port.TargetPort === undefined) {
    throw new UsageError('missing mandatory field "target"');
  }
  return port;
}

function portField(key: string, value: string): Port {
  switch (key) {
    case 'protocol':
      return { Protocol: oneOf(value, PROTOCOLS, 'protocol') };
    case 'mode':
      return { PublishMode: oneOf(value, MODES, 'publish mode') };
    case 'target':
      return { TargetPort: portNumber(value, 'target') };
    case 'published':
      return { PublishedPort: portNumber(value, 'published') };
    default:
      throw new UsageError(`invalid field key: ${key}`);
  }
}

function shortForm(value: string): Port[] {
  const match = /^(?:(?<published>[^:/]*):)?(?<target>[^:/]+)(?:\/(?<protocol>\w+))?$/.exec(value);
  if (match === null) {
    throw new UsageError(
      value.split(':').length > 2
        ? 'hostip is not supported: a service is published on every address (write published:target)'
        : `invalid port format '${value}' (write published:target/protocol)`,
    );
  }
  const { published = '', target = '', protocol = 'tcp' } = match.groups ?? {};
  const inside = range(target);
  const outside = published === '' ? undefined : range(published);
  if (outside !== undefined && outside.length !== inside.length) {
    throw new UsageError(`invalid ranges specified for container and host ports: ${target} and ${published}`);
  }
  return inside.map((port, index) => {
    const to = outside?.[index];
    return {
      Protocol: oneOf(protocol.toLowerCase(), PROTOCOLS, 'protocol'),
      TargetPort: port,
      ...(to !== undefined && { PublishedPort: to }),
      PublishMode: 'ingress',
    };
  });
}

function range(text: string): number[] {
  const [from = '', to = from, ...rest] = text.split('-');
  const first = portNumber(from, 'port');
  const last = portNumber(to, 'port');
  if (rest.length > 0 || last < first) {
    throw new UsageError(`invalid port range: ${text}`);
  }
  return Array.from({ length: last - first + 1 }, (_value, index) => first + index);
}

function portNumber(text: string, what: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > MAX_PORT || port === 0) {
    throw new UsageError(`invalid ${what} port '${text}': it takes a number from 1 to ${MAX_PORT}`);
  }
  return port;
}

function oneOf(value: string, words: readonly string[], what: string): string {
  if (!words.includes(value)) {
    throw new UsageError(`invalid ${what} value '${value}' (must be ${words.join(', ')})`);
  }
  return value;
}

/** --publish-rm: a target port with an optional protocol, or the form it was published with. */
export function parseTargetPort(value: string): Port {
  const match = /^(\d+)(?:\/(\w+))?$/.exec(value);
  if (match === null) {
    const [port = {}] = parsePublish(value);
    return port;
  }
  return {
    TargetPort: portNumber(match[1] ?? '', 'target'),
    Protocol: oneOf((match[2] ?? 'tcp').toLowerCase(), PROTOCOLS, 'protocol'),
  };
}
