// What a command is given: streams, environment, the API, time, and the sign that the user wants out.
// Commands touch the world only through it, so that tests see every byte.
import type { Client } from './client/client.ts';

/** Where text goes; a terminal also tells its size. */
export interface Output {
  write(chunk: string | Uint8Array): boolean;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  once(event: 'drain', listener: () => void): unknown;
}

/** Where text comes from; a terminal can stop showing it. */
export type Input = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
};

export interface Context {
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Connects when first used. */
  readonly api: Client;
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after the time, or at once when the signal fires. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Aborted by Ctrl-C. Commands that never look at it are ended by the process itself. */
  readonly interrupt: { signal(): AbortSignal };
}

/** The value of the first call, kept. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
