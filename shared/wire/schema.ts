// Loads the .proto files and hands out a codec for each of their messages, typed by the generated
// declarations. Knows nothing of the model: what a message means is told in the noun files beside this one.
import { fileURLToPath } from 'node:url';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import type { MessageTypeDefinition, PackageDefinition } from '@grpc/proto-loader';
import { assert, errorMessage, SkeinError } from '../errors.ts';
import { malformed } from './fields.ts';
import { framingProblem } from './framing.ts';

/**
 * What an encoder must give for a message: every field is named, those that may be missing as `undefined`,
 * so that a field added to a .proto breaks the build of its encoder. The loader's own marks of which
 * member of a oneof is set (`variant`, `_field`) are left out.
 */
export type Encoded<Output> = Output extends Uint8Array
  ? Uint8Array
  : Output extends readonly (infer Element)[]
    ? readonly Encoded<Element>[]
    : Output extends object
      ? { readonly [K in keyof Output as WireField<K>]-?: EncodedField<Output, K> }
      : Output;

type WireField<K> = K extends 'variant' | `_${string}` ? never : K;

/** A field that the generated type marks as optional may be undefined; a message field may not be null. */
type EncodedField<Output, K extends keyof Output> =
  | Encoded<Exclude<Output[K], null | undefined>>
  | (string extends K ? never : object extends Pick<Output, K> ? undefined : never);

/** Bytes of one message type, both ways. */
export interface MessageCodec<Output> {
  encode(message: Encoded<Output>): Buffer;
  /** Throws `malformed-message` when the bytes are no such message. Unknown fields are ignored. */
  decode(bytes: Uint8Array): Output;
}

/** Bytes of one kind of model value, both ways. */
export interface BytesCodec<Model> {
  readonly encode: (value: Model) => Buffer;
  /** Throws `malformed-message`, naming the field. */
  readonly decode: (bytes: Uint8Array) => Model;
}

/** A message's codec and its translation to the model, as one. */
export function bytesCodec<Output, Model>(
  message: MessageCodec<Output>,
  encode: (value: Model) => Encoded<Output>,
  decode: (wire: Output) => Model,
): BytesCodec<Model> {
  return {
    encode: (value) => message.encode(encode(value)),
    decode: (bytes) => decode(message.decode(bytes)),
  };
}

/** As the generated `ProtoGrpcType` of a file, which lists what the file defines. */
interface GrpcType {
  readonly skein: { readonly v1: object };
}

type OutputOf<Definition> =
  Definition extends MessageTypeDefinition<infer _Input, infer Output> ? Output : never;

export interface Schema<Definitions> {
  /** Loads the files on the codec's first use. */
  message<Name extends keyof Definitions & string>(name: Name): MessageCodec<OutputOf<Definitions[Name]>>;
}

const PACKAGE = 'skein.v1';

/** Must say the same as the options in proto/generate.sh. */
const LOADER_OPTIONS = { longs: Number, enums: String, defaults: true, oneofs: true } as const;

/** The `proto` folder beside `shared`, or beside `dist` when this file runs compiled. */
function protoFolder(): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const folders = [join(here, '../../proto'), join(here, '../../../proto')];
  const found = folders.find((folder) => existsSync(join(folder, 'objects.proto')));
  if (found === undefined) {
    throw new SkeinError(
      'internal',
      'proto-missing',
      `no protocol files in ${folders.join(' or ')}: install skein again`,
    );
  }
  return found;
}

/**
 * A schema of some .proto files (with what they import), by the generated type that describes them:
 * `openSchema<ProtoGrpcType>(['raft.proto'])`. The files are read once, synchronously, at the first use.
 */
export function openSchema<Types extends GrpcType>(files: readonly string[]): Schema<Types['skein']['v1']> {
  let loaded: PackageDefinition | undefined;
  const definition = (name: string): MessageTypeDefinition<object, object> => {
    if (loaded === undefined) {
      const folder = protoFolder();
      loaded = loadSync([...files], { ...LOADER_OPTIONS, includeDirs: [folder] });
    }
    const found = loaded[`${PACKAGE}.${name}`];
    assert(found !== undefined && isMessage(found), `${name} is a message of ${files.join(', ')}`);
    return found;
  };
  return { message: (name) => lazyCodec(name, () => definition(name)) };
}

function isMessage(
  definition: PackageDefinition[string],
): definition is MessageTypeDefinition<object, object> {
  return 'deserialize' in definition && typeof definition.deserialize === 'function';
}

function lazyCodec<Output>(
  name: string,
  find: () => MessageTypeDefinition<object, object>,
): MessageCodec<Output> {
  let definition: MessageTypeDefinition<object, object> | undefined;
  return {
    encode(message) {
      definition ??= find();
      return definition.serialize(message as object);
    },
    decode(bytes) {
      definition ??= find();
      const problem = framingProblem(bytes);
      if (problem !== undefined) {
        throw malformed(name, problem);
      }
      const buffer = Buffer.isBuffer(bytes)
        ? bytes
        : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      try {
        return definition.deserialize(buffer) as Output;
      } catch (cause) {
        throw new SkeinError('invalid', 'malformed-message', `${name}: ${errorMessage(cause)}`, {
          data: { field: name },
          cause,
        });
      }
    },
  };
}
