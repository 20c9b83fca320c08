// The balancer's face: one program of two carries out the same plan. `nft` needs the namespace's table only;
// `ipvs` (ipvs-balancer.ts) sets marks in that table and programs services beside it.
import type { BalancePlan } from './balance-plan.ts';
import { type BalanceRules, nftBalanceRules } from './nft-network.ts';

export type BalancerProgram = 'nft' | 'ipvs';

export interface Balancer {
  readonly program: BalancerProgram;
  /** The program's part of the namespace's nft table. */
  rules(plan: BalancePlan): BalanceRules;
  /** What lives outside the table; compared with the kernel at each call. */
  reconcile(namespacePath: string, plan: BalancePlan): void;
  /** What `reconcile` would change there, one line each. */
  differences(namespacePath: string, plan: BalancePlan): string[];
}

export const nftBalancer: Balancer = {
  program: 'nft',
  rules: nftBalanceRules,
  reconcile: () => undefined,
  differences: () => [],
};
