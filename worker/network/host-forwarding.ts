// A host whose FORWARD chain drops (Docker sets that policy) would stop our uplinks: a rule in that chain
// accepts them, since no other table can overrule a drop.
import type { Clock } from '../../shared/clock.ts';
import { SkeinError, errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { NamespaceRef } from '../kernel/namespace.ts';
import { applyNft, runNft } from '../kernel/nft.ts';
import { HOST_LINKS } from './nft-host.ts';

const MARK = 'skein';

/** The rules to insert, judged by `nft list chain ip filter FORWARD`. Pure; empty when nothing is needed. */
export function forwardingRules(listing: string): string {
  if (!/policy drop/.test(listing)) {
    return '';
  }
  return ['iifname', 'oifname']
    .filter((side) => !listing.includes(`${side} "${HOST_LINKS}"`))
    .map((side) => `insert rule ip filter FORWARD ${side} "${HOST_LINKS}" counter accept comment "${MARK}"\n`)
    .join('');
}

/** Looks, and inserts what is missing; a failure is logged because traffic may still pass. */
export async function openForwarding(
  { clock, log }: { readonly clock: Clock; readonly log: Logger },
  namespace: NamespaceRef,
): Promise<void> {
  let listing: string;
  try {
    listing = await runNft(clock, namespace, ['-s', 'list', 'chain', 'ip', 'filter', 'FORWARD'], '');
  } catch (error) {
    if (error instanceof SkeinError && error.code === 'nft-failed') {
      return;
    }
    throw error;
  }
  const rules = forwardingRules(listing);
  if (rules === '') {
    return;
  }
  log.warn({}, 'the FORWARD chain of this host drops by default (Docker does so): accepting traffic of sk-*');
  try {
    await applyNft(clock, namespace, rules);
  } catch (error) {
    log.error(
      { reason: errorMessage(error) },
      'cannot accept forwarded traffic: run iptables -I FORWARD -i sk-+ -j ACCEPT and the same with -o',
    );
  }
}

/** Handles of our rules in a listing with handles. Pure. */
export function ownHandles(listing: string): string[] {
  return Array.from(listing.matchAll(/comment "skein".*# handle (\d+)/g), ([, handle]) => handle ?? '');
}

/** Takes the rules of `openForwarding` out again. */
export async function closeForwarding(clock: Clock, namespace: NamespaceRef): Promise<void> {
  let listing: string;
  try {
    listing = await runNft(clock, namespace, ['-a', 'list', 'chain', 'ip', 'filter', 'FORWARD'], '');
  } catch (error) {
    if (error instanceof SkeinError && error.code === 'nft-failed') {
      return;
    }
    throw error;
  }
  const commands = ownHandles(listing).map((handle) => `delete rule ip filter FORWARD handle ${handle}\n`);
  if (commands.length > 0) {
    await applyNft(clock, namespace, commands.join(''));
  }
}
