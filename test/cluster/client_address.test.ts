// Who calls is what the replica sees, by nftables on any kernel: from outside and from every node. Machines with
// IPVS run the same cases (test/lab/machines.test.ts).
import { clientAddressCases } from './support/address_cases.ts';
import { useCluster } from './support/cluster.ts';

clientAddressCases(useCluster({ managers: 1, workers: 1 }), ['client', 'h1', 'h2']);
