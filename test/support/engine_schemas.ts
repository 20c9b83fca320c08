// Checks answers against Docker's own API descriptions (the extracts in test/compat/schemas). A field that
// the newest description does not know is an error too: it is most likely misspelled.
import { readFileSync } from 'node:fs';
import { Ajv2019, type ValidateFunction } from 'ajv/dist/2019.js';

export const DESCRIBED_VERSIONS = ['1.41', '1.50'] as const;
export type DescribedVersion = (typeof DESCRIBED_VERSIONS)[number];

type Schema = Readonly<Record<string, unknown>>;

/** Only the newest description knows every field: older clients ignore what came after them. */
const NEWEST = '1.50';

/** Where Docker's own answers differ from its description; skein does as Docker does. */
const DOCKER_DIFFERS: readonly RegExp[] = [
  // Absent maps and objects are null.
  /\/Privileges\/(?:CredentialSpec|SELinuxContext): must be object$/,
  /\/IPAM\/Options: must be object$/,
  /\/networks \/\d+\/Containers: must be object$/,
  // `?verbose=true` tells the services, which the description forgot.
  /\/networks\/\{id\} : .*"Services"/,
  // How full a network is: of 1.52, told to older clients too, which pass over it.
  /\/networks\/\{id\} : .*"Status"/,
  // A task carries the swarm's network object, which is not the one of `GET /networks`.
  /\/NetworksAttachments\/\d+\/Network: .*"(?:ID|Version|CreatedAt|UpdatedAt|Spec|DriverState|IPAMOptions)"/,
  /\/Config\/(?:Cmd|Entrypoint): must be array$/,
  // The descriptions write Id, Docker always wrote ID.
  /POST \/(?:secrets|configs)\/create : (?:must have required property 'Id'|.*"ID"$)/,
  // The description forgot the spec before the last update.
  /GET \/services.*: .*"PreviousSpec"$/,
  // Clients of 1.43 and before need it, later ones pass over it.
  /GET \/images\/.*: .*"VirtualSize"$/,
  // Commands of 20.10 warn when these are missing; the newest description dropped them.
  /GET \/info : .*"BridgeNfIp6?tables"$/,
  // Go's name of the field; its decoder takes both.
  /\/ContainerSpec: .*"Healthcheck"/,
];

function load(version: DescribedVersion): {
  answers: Record<string, Schema>;
  definitions: Record<string, Schema>;
} {
  return JSON.parse(readFileSync(new URL(`../compat/schemas/v${version}.json`, import.meta.url), 'utf8'));
}

/** Objects with listed properties take no others; the parts of an `allOf` are closed together. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) {
    return schema.map(closed);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  const parts = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'allOf' ? open(value) : closed(value)]),
  );
  const listsProperties = 'properties' in parts || 'allOf' in parts;
  return listsProperties && !('additionalProperties' in parts)
    ? { ...parts, unevaluatedProperties: false }
    : parts;
}

/** Parts of an `allOf`: references lead to definitions that are left open. */
function open(parts: unknown): unknown {
  return JSON.parse(JSON.stringify(parts).replaceAll('#/definitions/', '#/open/'));
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(version: DescribedVersion, answer: string): ValidateFunction {
  const key = `${version} ${answer}`;
  const known = validators.get(key);
  if (known !== undefined) {
    return known;
  }
  const { answers, definitions } = load(version);
  const schema = answers[answer];
  if (schema === undefined) {
    throw new Error(`no schema of ${answer}: add it to test/compat/schemas/extract.mjs`);
  }
  const ajv = new Ajv2019({ allErrors: true, strict: false });
  const compiled =
    version === NEWEST
      ? ajv.compile({ ...Object(closed(schema)), definitions: closedAll(definitions), open: definitions })
      : ajv.compile({ ...schema, definitions });
  validators.set(key, compiled);
  return compiled;
}

function closedAll(definitions: Readonly<Record<string, Schema>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(definitions).map(([name, schema]) => [name, closed(schema)]));
}

/** Every way in which the answer differs from the description, a sentence each. */
export function deviations(version: DescribedVersion, answer: string, body: unknown): string[] {
  const validate = validatorOf(version, answer);
  if (validate(body)) {
    return [];
  }
  return (validate.errors ?? [])
    .map(({ instancePath, message, params }) => {
      const field: unknown = params['unevaluatedProperty'];
      const what = typeof field === 'string' ? ` "${field}"` : '';
      return `v${version} ${answer} ${instancePath}: ${message ?? ''}${what}`;
    })
    .filter((deviation) => !DOCKER_DIFFERS.some((pattern) => pattern.test(deviation)));
}
