// Walks a method table at run time. The types of requests and responses end here: inside the engine a
// message is `unknown` between the codecs of its own method.
import type {
  BidiMethod,
  ClientStreamMethod,
  MethodTable,
  ServerStreamMethod,
  UnaryMethod,
} from './method.ts';

export type AnyMethod =
  | UnaryMethod<unknown, unknown>
  | ServerStreamMethod<unknown, unknown>
  | ClientStreamMethod<unknown, unknown>
  | BidiMethod<unknown, unknown>;

export interface MethodEntry {
  /** Name of the function in the service interface. */
  readonly name: string;
  readonly method: AnyMethod;
  /** False when the function takes the context alone. */
  readonly takesRequest: boolean;
}

export function methodEntries<Service>(table: MethodTable<Service>): readonly MethodEntry[] {
  const methods = Object.entries(table) as unknown as readonly [string, AnyMethod][];
  return methods.map(([name, method]) => ({ name, method, takesRequest: !('noRequest' in method) }));
}

/** Codec of both ends of grpc-js: messages stay bytes until the engine has decided to read them. */
export const asBytes = (bytes: Buffer): Buffer => bytes;
