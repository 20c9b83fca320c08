// What a comparison of the kernel with the plans found, network by network, as it is told to an operator.
import type { Id } from '../../shared/model/meta.ts';
import type { NetworkView } from '../../shared/model/view.ts';
import type { NetworkReport, PeerReport } from './api.ts';

/** Among network ids: what differed in the host's own namespace. */
export const HOST_DIFFERENCES = 'host';

/**
 * @param found differences by network, those without any left out; networks that have none are reported too
 * @param peers how encrypted networks reach their other nodes
 */
export function reportOf(
  found: Readonly<Record<Id, readonly string[]>>,
  networks: readonly {
    readonly networkId: Id;
    readonly view: NetworkView | undefined;
    problems(): readonly string[];
  }[],
  peers: ReadonlyMap<Id, readonly PeerReport[]>,
): readonly NetworkReport[] {
  const host = { networkId: HOST_DIFFERENCES, name: HOST_DIFFERENCES, version: 0 };
  return [
    { ...host, differences: found[HOST_DIFFERENCES] ?? [], problems: [] },
    ...networks.map((network) => {
      const { networkId, view } = network;
      const reached = peers.get(networkId);
      return {
        networkId,
        name: view?.name ?? '',
        version: view?.version ?? 0,
        differences: found[networkId] ?? [],
        problems: network.problems(),
        ...(reached === undefined ? {} : { peers: reached }),
      };
    }),
  ];
}
