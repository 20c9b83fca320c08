// The balancer's face: one program of two carries out the same plan. `nft` needs the namespace's table only;
// `ipvs` (ipvs_balancer.ts) sets marks in that table and programs services beside it.
import type { BalancePlan } from '../plan/balance_plan.ts';
import { type BalanceRules, nftBalanceRules } from '../table/nft_network.ts';

export type BalancerProgram = 'nft' | 'ipvs';

export interface Balancer {
  readonly program: BalancerProgram;
  /** The program's part of the namespace's nft table. */
  rules(plan: BalancePlan): BalanceRules;
  /** What lives outside the table; what is there already is known from the call before, or read. */
  reconcile(namespacePath: string, plan: BalancePlan): void;
  /** What the kernel has otherwise than planned, one line each; `reconcile` mends it. */
  differences(namespacePath: string, plan: BalancePlan): string[];
  /** The namespace is new, or gone: nothing is known of it any more. */
  forget(namespacePath: string): void;
}

export const nftBalancer: Balancer = {
  program: 'nft',
  rules: nftBalanceRules,
  reconcile: () => undefined,
  differences: () => [],
  forget: () => undefined,
};
