// A host whose FORWARD chain drops (Docker sets that policy) would stop our uplinks: a rule in that chain
// accepts them, since no other table can overrule a drop.
import type { Clock } from '../../../shared/clock.ts';
import { SkeinError, errorMessage } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { applyNft, runNft } from '../../kernel/nft.ts';
import { HOST_LINKS } from '../table/nft_host.ts';

const MARK = 'skein';
/** Docker drops in both where it has IPv6. */
const FAMILIES = ['ip', 'ip6'] as const;
type Family = (typeof FAMILIES)[number];

/** The rules to insert, judged by `nft list chain FAMILY filter FORWARD`. Pure; empty when nothing is needed. */
export function forwardingRules(listing: string, family: Family = 'ip'): string {
  if (!/policy drop/.test(listing)) {
    return '';
  }
  return ['iifname', 'oifname']
    .filter((side) => !listing.includes(`${side} "${HOST_LINKS}"`))
    .map(
      (side) =>
        `insert rule ${family} filter FORWARD ${side} "${HOST_LINKS}" counter accept comment "${MARK}"\n`,
    )
    .join('');
}

/** Looks, and inserts what is missing; a failure is logged because traffic may still pass. */
export async function openForwarding(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  namespace: NamespaceRef,
): Promise<void> {
  for (const family of FAMILIES) {
    const rules = forwardingRules(await listed(clock, namespace, family, '-s'), family);
    if (rules === '') {
      continue;
    }
    log.warn(
      { family },
      'the FORWARD chain of this host drops by default (Docker does so): accepting traffic of sk-*',
    );
    try {
      await applyNft(clock, namespace, rules);
    } catch (error) {
      log.error(
        { family, reason: errorMessage(error) },
        'cannot accept forwarded traffic: run iptables (ip6tables) -I FORWARD -i sk-+ -j ACCEPT and the same with -o',
      );
    }
  }
}

/** Handles of our rules in a listing with handles. Pure. */
export function ownHandles(listing: string): string[] {
  return Array.from(listing.matchAll(/comment "skein".*# handle (\d+)/g), ([, handle]) => handle ?? '');
}

/** Takes the rules of `openForwarding` out again. */
export async function closeForwarding(clock: Clock, namespace: NamespaceRef): Promise<void> {
  for (const family of FAMILIES) {
    const handles = ownHandles(await listed(clock, namespace, family, '-a'));
    if (handles.length > 0) {
      const commands = handles.map((handle) => `delete rule ${family} filter FORWARD handle ${handle}\n`);
      await applyNft(clock, namespace, commands.join(''));
    }
  }
}

/** Empty where there is no such chain. */
async function listed(
  clock: Clock,
  namespace: NamespaceRef,
  family: Family,
  flag: '-s' | '-a',
): Promise<string> {
  try {
    return await runNft(clock, namespace, [flag, 'list', 'chain', family, 'filter', 'FORWARD'], '');
  } catch (error) {
    if (error instanceof SkeinError && error.code === 'nft-failed') {
      return '';
    }
    throw error;
  }
}
