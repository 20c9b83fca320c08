// What objects may be called. Pure checks with Docker's sentences.
import type { Annotations } from '../../shared/model/meta.ts';
import { invalid } from './errors.ts';

/** Services and networks are DNS names inside the cluster. */
const DNS_NAME = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_]*[a-zA-Z0-9])?$/;
/** Longest label of a domain name, RFC 1035. */
const MAX_DNS_NAME_LENGTH = 63;

const DATA_NAME = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;
/** Swarm's limit for secrets and configs. */
const MAX_DATA_NAME_LENGTH = 64;

/** Labels of one object together: far above real use, far below the size of an entry. */
const MAX_LABELS_BYTES = 256 * 1024;

/** The name of a service or network. */
export function checkDnsName(name: string): void {
  if (name === '') {
    throw invalid('meta: name must be provided');
  }
  if (name.length > MAX_DNS_NAME_LENGTH) {
    throw invalid(`name must be ${MAX_DNS_NAME_LENGTH} characters or fewer`);
  }
  if (!DNS_NAME.test(name)) {
    throw invalid(
      `name '${name}' must be valid as a DNS name component: letters, digits, '-' and '_', beginning and ending with a letter or digit`,
    );
  }
}

/** The name of a secret or config. */
export function checkDataName(name: string): void {
  if (name.length > MAX_DATA_NAME_LENGTH || !DATA_NAME.test(name)) {
    throw invalid(
      `invalid name, only ${MAX_DATA_NAME_LENGTH} [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]`,
    );
  }
}

export function checkLabels(annotations: Annotations): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations.labels)) {
    if (key === '') {
      throw invalid('labels: a key must not be empty');
    }
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > MAX_LABELS_BYTES) {
    throw invalid(`labels take ${bytes} bytes: at most ${MAX_LABELS_BYTES} are allowed`);
  }
}

/** Names are compared without regard to case, as DNS does. */
export function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
