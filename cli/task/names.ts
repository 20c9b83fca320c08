// Names behind ids: each is asked for once, and an id that cannot be resolved stands for itself.
import { ApiError, type Client } from '../client/client.ts';
import type { Service, SwarmNode } from '../client/types.ts';

export class Names {
  private readonly api: Client;
  private readonly off: boolean;
  private readonly known = new Map<string, Promise<string>>();

  constructor(api: Client, options: { readonly noResolve: boolean }) {
    this.api = api;
    this.off = options.noResolve;
  }

  node(id: string): Promise<string> {
    return this.name(`/nodes/${id}`, id, async (path) => {
      const { Spec, Description } = await this.api.get<SwarmNode>(path);
      return Spec.Name || Description?.Hostname || id;
    });
  }

  service(id: string): Promise<string> {
    return this.name(`/services/${id}`, id, async (path) => (await this.api.get<Service>(path)).Spec.Name);
  }

  private name(path: string, id: string, ask: (path: string) => Promise<string>): Promise<string> {
    if (this.off || id === '') {
      return Promise.resolve(id);
    }
    const present =
      this.known.get(path) ??
      ask(path).catch((error: unknown) => {
        if (error instanceof ApiError) {
          return id;
        }
        throw error;
      });
    this.known.set(path, present);
    return present;
  }
}
