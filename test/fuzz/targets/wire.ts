// Every message at the wire's edge, both ways of every method of every table, found as the tables are found; and
// the objects and batches that raft carries. Seeds are messages made from the .proto descriptions themselves.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import type { ServiceDefinition } from '@grpc/proto-loader';
import { type ModelObjects, TABLE_NAMES } from '../../../shared/model/objects.ts';
import type { Random } from '../../../shared/random.ts';
import { forwardedPeer } from '../../../shared/rpc/forwarded_peer.ts';
import { MessageReader } from '../../../shared/rpc/message_reader.ts';
import { decodeObject, encodeObject } from '../../../shared/wire/objects.ts';
import { storeCodec } from '../../../shared/wire/store.ts';
import { methodsOfAllTables } from '../../support/method_tables.ts';
import { type Protos, randomMessage, unionsOf } from '../random_message.ts';
import { check, type FuzzTarget } from '../target.ts';

const SEEDS = 12;

function protoFolder(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const root = here.includes('/dist-fuzz/') ? join(here, '../../../..') : join(here, '../../..');
  return join(root, 'proto');
}

function loadProtos(): Protos {
  const folder = protoFolder();
  const files = readdirSync(folder).filter((name) => name.endsWith('.proto'));
  const definitions = loadSync(files, {
    includeDirs: [folder],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  });
  return { definitions, unions: unionsOf(files.map((file) => readFileSync(join(folder, file), 'utf8'))) };
}

function seedsOf(protos: Protos, message: string) {
  return (random: Random) => Array.from({ length: SEEDS }, () => randomMessage(protos, message, random));
}

/** What was accepted can be passed on: it encodes again. */
function roundTrip(decode: (bytes: Buffer) => unknown, encode: (value: never) => Uint8Array) {
  return (input: Buffer): void => {
    const value = decode(input);
    const again = encode(value as never);
    check(again.length >= 0, 'an accepted message encodes again');
    decode(Buffer.from(again));
  };
}

export async function wireTargets(): Promise<readonly FuzzTarget[]> {
  const protos = loadProtos();
  const targets: FuzzTarget[] = [];
  for (const method of await methodsOfAllTables()) {
    const [, service = '', rpc = ''] = method.path.split('/');
    const declared = (protos.definitions[service] as ServiceDefinition)[rpc];
    const typeOf = (type: { readonly type: object } | undefined) =>
      String(Reflect.get(type?.type ?? {}, 'name'));
    targets.push(
      {
        name: `wire ${rpc} of ${service.split('.').at(-1)}, request`,
        form: 'bytes',
        seeds: seedsOf(protos, typeOf(declared?.requestType)),
        run: roundTrip(method.decodeRequest, method.encodeRequest),
      },
      {
        name: `wire ${rpc} of ${service.split('.').at(-1)}, response`,
        form: 'bytes',
        seeds: seedsOf(protos, typeOf(declared?.responseType)),
        run: roundTrip(method.decodeResponse, method.encodeResponse),
      },
    );
  }
  for (const table of TABLE_NAMES) {
    targets.push({
      name: `object ${table}`,
      form: 'bytes',
      seeds: seedsOf(protos, `${table[0]?.toUpperCase()}${table.slice(1)}`),
      run: roundTrip(
        (bytes) => decodeObject(table, bytes),
        (value: ModelObjects[typeof table]) => encodeObject(table, value),
      ),
    });
  }
  return [...targets, ...otherTargets(protos)];
}

function otherTargets(protos: Protos): readonly FuzzTarget[] {
  const manager = {
    kind: 'node',
    role: 'manager',
    nodeId: 'a'.repeat(25),
    clusterId: 'c'.repeat(25),
    address: '10.0.0.1',
  } as const;
  return [
    {
      name: 'store batch',
      form: 'bytes',
      seeds: seedsOf(protos, 'StoreBatch'),
      run: roundTrip((bytes) => storeCodec.decodeBatch(bytes), storeCodec.encodeBatch),
    },
    {
      name: 'forwarded peer',
      form: 'json',
      seeds: () => [Buffer.from(`\n${JSON.stringify(manager)}`), Buffer.from('\n{"kind":"local"}')],
      run: (input) => {
        forwardedPeer({ 'skein-forwarded-peer-bin': input.toString('base64') }, manager);
      },
    },
    {
      name: 'gRPC frames',
      form: 'bytes',
      seeds: () => [Buffer.from([0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0]), Buffer.alloc(600)],
      run: (input) => {
        const budget = { take: () => true, give: () => undefined };
        const reader = new MessageReader({ budget }, { maxMessageBytes: 4096, firstBytes: 64 });
        for (let at = 0; at < input.length; at += 7) {
          reader.write(input.subarray(at, at + 7));
        }
      },
    },
  ];
}
