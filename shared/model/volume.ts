// A cluster volume. Node-local volumes live on their node alone and are no objects of the store.
import type { Annotations, Id, Meta } from './meta.ts';

export interface Volume {
  readonly id: Id;
  readonly meta: Meta;
  readonly spec: Annotations & { readonly driver: string };
}
