// Bytes of any replicated object, by the name of its table: what raft entries, snapshots and the
// worker's task database hold.
import type { ModelObjects, TableName } from '../model/objects.ts';
import type { Task } from '../model/task.ts';
import { decodeCluster, encodeCluster } from './cluster.ts';
import { malformed } from './fields.ts';
import type { StoreObject__Output } from './generated/skein/v1/StoreObject.ts';
import { messages } from './messages.ts';
import { decodeNetwork, encodeNetwork } from './network.ts';
import { decodeNode, encodeNode } from './node.ts';
import type { BytesCodec, Encoded, MessageCodec } from './schema.ts';
import { bytesCodec } from './schema.ts';
import { decodeConfig, decodeSecret, encodeConfig, encodeSecret } from './secret.ts';
import { decodeService, encodeService } from './service.ts';
import { decodeTask as taskFromWire, encodeTask as taskToWire } from './task.ts';
import { decodeVolume, encodeVolume } from './volume.ts';

interface ObjectCodec<Model> extends BytesCodec<Model> {
  readonly toStoreObject: (object: Model) => Encoded<StoreObject__Output>;
  readonly fromStoreObject: (wire: StoreObject__Output) => Model | undefined;
}

/** The table of a StoreObject is told by which member is set: none here, each codec sets its own. */
const NONE: Encoded<StoreObject__Output> = {
  cluster: undefined,
  node: undefined,
  service: undefined,
  task: undefined,
  network: undefined,
  secret: undefined,
  config: undefined,
  volume: undefined,
};

function objectCodec<Table extends TableName, Output>(
  table: Table & (StoreObject__Output[Table] extends Output | null | undefined ? unknown : never),
  message: MessageCodec<Output>,
  encode: (object: ModelObjects[Table]) => Encoded<Output>,
  decode: (wire: Output) => ModelObjects[Table],
): ObjectCodec<ModelObjects[Table]> {
  return {
    ...bytesCodec(message, encode, decode),
    toStoreObject: (object) => ({ ...NONE, [table]: encode(object) }),
    fromStoreObject: (wire) => {
      const member = wire[table] as Output | null | undefined;
      return member ? decode(member) : undefined;
    },
  };
}

const CODECS: { readonly [Table in TableName]: ObjectCodec<ModelObjects[Table]> } = {
  cluster: objectCodec('cluster', messages.message('Cluster'), encodeCluster, decodeCluster),
  node: objectCodec('node', messages.message('Node'), encodeNode, decodeNode),
  service: objectCodec('service', messages.message('Service'), encodeService, decodeService),
  task: objectCodec('task', messages.message('Task'), taskToWire, taskFromWire),
  network: objectCodec('network', messages.message('Network'), encodeNetwork, decodeNetwork),
  secret: objectCodec('secret', messages.message('Secret'), encodeSecret, decodeSecret),
  config: objectCodec('config', messages.message('Config'), encodeConfig, decodeConfig),
  volume: objectCodec('volume', messages.message('Volume'), encodeVolume, decodeVolume),
};

/** An object with the name of its table; `object` fits `table`. */
export type TableObject = {
  readonly [Table in TableName]: { readonly table: Table; readonly object: ModelObjects[Table] };
}[TableName];

/** The bytes of one table's objects, for the methods that carry a single object. */
export function objectBytes<Table extends TableName>(table: Table): BytesCodec<ModelObjects[Table]> {
  return CODECS[table];
}

export function encodeObject<Table extends TableName>(table: Table, object: ModelObjects[Table]): Uint8Array {
  return CODECS[table].encode(object);
}

/** Throws `malformed-message` naming the field. The object is fresh and not frozen. */
export function decodeObject<Table extends TableName>(table: Table, bytes: Uint8Array): ModelObjects[Table] {
  return CODECS[table].decode(bytes);
}

export function encodeTask(task: Task): Uint8Array {
  return encodeObject('task', task);
}

/** Throws `malformed-message`. */
export function decodeTask(bytes: Uint8Array): Task {
  return decodeObject('task', bytes);
}

/** For messages that hold objects of any table. */
export function toStoreObject<Table extends TableName>(
  table: Table,
  object: ModelObjects[Table],
): Encoded<StoreObject__Output> {
  return CODECS[table].toStoreObject(object);
}

export function fromStoreObject(wire: StoreObject__Output): TableObject {
  const table = wire.variant;
  if (table === undefined) {
    throw malformed('StoreObject.variant', 'is missing');
  }
  return fromTable(table, wire);
}

function fromTable<Table extends TableName>(table: Table, wire: StoreObject__Output): TableObject {
  const object = CODECS[table].fromStoreObject(wire);
  if (object === undefined) {
    throw malformed(`StoreObject.${table}`, 'is missing');
  }
  return { table, object } as TableObject;
}
