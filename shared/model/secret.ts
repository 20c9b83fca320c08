// Data handed to tasks as files: secrets (never returned by the API) and configs.
import type { Annotations, Id, Meta } from './meta.ts';

export interface SecretSpec extends Annotations {
  readonly data: Uint8Array;
  readonly templating?: { readonly name: string };
}

export interface Secret {
  readonly id: Id;
  readonly meta: Meta;
  readonly spec: SecretSpec;
}

export interface ConfigSpec extends Annotations {
  readonly data: Uint8Array;
  readonly templating?: { readonly name: string };
}

export interface Config {
  readonly id: Id;
  readonly meta: Meta;
  readonly spec: ConfigSpec;
}
