// Names of networks by id, asked for once.
import type { Client } from '../client/client.ts';
import type { Network } from '../client/types.ts';

export class Names {
  private readonly api: Client;
  private known: Promise<ReadonlyMap<string, string>> | undefined;

  constructor(api: Client) {
    this.api = api;
  }

  all(): Promise<ReadonlyMap<string, string>> {
    this.known ??= this.api
      .get<readonly Network[]>('/networks')
      .then((networks) => new Map(networks.map((network) => [network.Id, network.Name])));
    return this.known;
  }
}
