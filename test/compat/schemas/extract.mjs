// Makes v1.41.json and v1.50.json of this folder: the answers of the Engine API's routes that skein serves,
// as JSON schemas, cut from Docker's own descriptions (`docs/api/v1.NN.yaml` of moby, api/docs/ in its tree).
// Run once per version, and again when a route is added to SERVED:
//   node test/compat/schemas/extract.mjs v1.41.yaml test/compat/schemas/v1.41.json
// Kept are types, properties, enums and references; prose, examples and Go hints are dropped. Swagger's
// `x-nullable` becomes a type that allows null.
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const SERVED = [
  ['get', '/version'],
  ['get', '/info'],
  ['get', '/events'],
  ['get', '/swarm'],
  ['post', '/swarm/init'],
  ['get', '/nodes'],
  ['get', '/nodes/{id}'],
  ['get', '/services'],
  ['post', '/services/create'],
  ['get', '/services/{id}'],
  ['post', '/services/{id}/update'],
  ['get', '/tasks'],
  ['get', '/tasks/{id}'],
  ['get', '/networks'],
  ['get', '/networks/{id}'],
  ['post', '/networks/create'],
  ['get', '/secrets'],
  ['post', '/secrets/create'],
  ['get', '/secrets/{id}'],
  ['get', '/configs'],
  ['post', '/configs/create'],
  ['get', '/configs/{id}'],
  ['get', '/images/json'],
  ['get', '/images/{name}/json'],
  ['get', '/images/{name}/history'],
  ['delete', '/images/{name}'],
  ['get', '/distribution/{name}/json'],
  ['get', '/containers/json'],
  ['post', '/containers/create'],
  ['get', '/containers/{id}/json'],
  ['post', '/containers/{id}/wait'],
  ['post', '/containers/prune'],
];

const KEPT = new Set([
  'type',
  'properties',
  'additionalProperties',
  'items',
  'enum',
  'required',
  'allOf',
  '$ref',
]);

const [, , source, target] = process.argv;
if (source === undefined || target === undefined) {
  process.stderr.write('usage: extract.mjs DESCRIPTION.yaml OUTPUT.json\n');
  process.exit(1);
}
const description = parse(readFileSync(source, 'utf8'));
const definitions = {};

function clean(schema) {
  if (Array.isArray(schema)) {
    return schema.map(clean);
  }
  if (typeof schema !== 'object' || schema === null) {
    return schema;
  }
  const kept = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties') {
      kept.properties = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, clean(item)]));
    } else if (key === '$ref') {
      kept.$ref = value;
      define(value.replace('#/definitions/', ''));
    } else if (key === 'enum' || key === 'required') {
      kept[key] = value;
    } else if (KEPT.has(key)) {
      kept[key] = clean(value);
    }
  }
  if (schema['x-nullable'] === true && typeof kept.type === 'string') {
    kept.type = [kept.type, 'null'];
    if (kept.enum !== undefined) {
      kept.enum = [...kept.enum, null];
    }
  }
  return schema['x-nullable'] === true && kept.$ref !== undefined
    ? { anyOf: [kept, { type: 'null' }] }
    : kept;
}

function define(name) {
  if (definitions[name] === undefined) {
    definitions[name] = {};
    definitions[name] = clean(description.definitions[name]);
  }
}

const answers = {};
for (const [method, path] of SERVED) {
  const { responses } = description.paths[path][method];
  const [, ok] = Object.entries(responses).find(([status]) => status.startsWith('2'));
  answers[`${method.toUpperCase()} ${path}`] = clean(ok.schema);
}
const sorted = Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(target, `${JSON.stringify({ answers, definitions: sorted }, undefined, 2)}\n`);
