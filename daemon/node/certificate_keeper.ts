// Renews this node's certificate: in time before it ends, and at once when its role should change.
import type { Clock, Timer } from '../../shared/clock.ts';
import { errorMessage } from '../../shared/errors.ts';
import type { CurrentIdentity, Identity } from '../../shared/identity/identity.ts';
import type { Logger } from '../../shared/log.ts';
import type { NodeRole } from '../../shared/model/node.ts';

export interface Renewals {
  renew(identity: Identity, addresses: readonly string[]): Promise<Identity>;
  /** Epoch ms at which the identity is to be renewed. */
  renewAt(identity: Identity): number;
}

export interface CertificateKeeperDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  readonly renewals: Renewals;
  readonly identity: CurrentIdentity;
  /** Writes a renewed identity down. */
  readonly save: (identity: Identity) => Promise<void>;
  /** Managers to ask, as known at that moment. */
  readonly managers: () => readonly string[];
  /**
   * The new certificate carries another role, or the same although raft has let go of this manager: its demotion
   * was taken back after that, so it takes up its role anew. Awaited before the next renewal.
   */
  readonly onRole: (role: NodeRole) => Promise<void>;
}

/** A failed renewal is tried again after this long, doubling up to the greatest. */
const RETRY_FIRST_MS = 500;
const RETRY_LAST_MS = 60_000;
/** Somebody waits for a role: the managers may have let go of this one at any moment. */
const RETRY_ROLE_LAST_MS = 5_000;
/**
 * A manager that has just joined is among the managers within a second of its first session; one that is not after
 * this long was let go before this process began.
 */
const UNLISTED_LIMIT_MS = 20_000;

export class CertificateKeeper {
  private readonly dependencies: CertificateKeeperDependencies;
  private timer: Timer | undefined;
  private retryMs = RETRY_FIRST_MS;
  private desiredRole: NodeRole | undefined;
  /** The managers let go of this one, and its certificate does not say so. */
  private outside = false;
  /** The managers count this node among them, as far as is known; a role just taken up has yet to be told. */
  private listed: boolean;
  /** Runs while the managers do not count this one among them and never did, as far as is known. */
  private unlisted: Timer | undefined;
  private stopped = false;

  /** @param options.listed this node was among the managers that it last heard of */
  constructor(dependencies: CertificateKeeperDependencies, options: { readonly listed: boolean }) {
    this.dependencies = dependencies;
    this.listed = options.listed;
  }

  start(): void {
    this.planNext(this.dependencies.identity.get());
  }

  /** A renewal under way comes to nothing: its answer is not written down any more. */
  stop(): void {
    this.stopped = true;
    this.timer?.cancel();
    this.endWait();
  }

  /**
   * The managers' word on this node's role.
   * @param listed whether they count this node among the managers
   */
  noteDesiredRole(role: NodeRole, listed: boolean): void {
    this.noteListed(listed);
    if (role === this.desiredRole) {
      return;
    }
    this.desiredRole = role;
    if (role !== this.dependencies.identity.get().role) {
      this.retryMs = RETRY_FIRST_MS;
      this.plan(0);
    }
  }

  /** Only this counts: a demotion may be taken back before raft lets go, and whoever is still counted must not go away. */
  private noteListed(listed: boolean): void {
    const dropped = this.listed && !listed;
    this.listed = listed;
    if (listed) {
      this.endWait();
    } else if (this.isManager && dropped) {
      this.noteOutside();
    } else if (this.isManager) {
      this.unlisted ??= this.dependencies.clock.after(UNLISTED_LIMIT_MS, () => this.noteOutside());
    }
  }

  private get isManager(): boolean {
    return this.dependencies.identity.get().role === 'manager';
  }

  /** For a word that counts this manager among them. */
  private endWait(): void {
    this.unlisted?.cancel();
    this.unlisted = undefined;
  }

  private noteOutside(): void {
    this.endWait();
    if (!this.stopped && this.isManager) {
      this.outside = true;
      this.retryMs = RETRY_FIRST_MS;
      this.plan(0);
    }
  }

  private planNext(identity: Identity): void {
    const { clock, renewals } = this.dependencies;
    this.plan(this.awaitsRole(identity) ? RETRY_FIRST_MS : renewals.renewAt(identity) - clock.now());
  }

  private awaitsRole(identity: Identity): boolean {
    return this.outside || (this.desiredRole !== undefined && this.desiredRole !== identity.role);
  }

  private plan(delayMs: number): void {
    this.timer?.cancel();
    if (this.stopped) {
      return;
    }
    this.timer = this.dependencies.clock.after(Math.max(0, delayMs), () => {
      void this.renew();
    });
  }

  private async renew(): Promise<void> {
    const { identity, renewals, managers, save, log, onRole } = this.dependencies;
    if (this.stopped) {
      return;
    }
    const before = identity.get();
    try {
      const renewed = await renewals.renew(before, managers());
      if (this.stopped) {
        return;
      }
      await save(renewed);
      identity.set(renewed);
      if (renewed.role !== before.role || this.outside) {
        log.info({ role: renewed.role }, "this node's role changes");
        this.outside = false;
        this.listed = false;
        this.endWait();
        await onRole(renewed.role);
      }
      this.retryMs = RETRY_FIRST_MS;
      this.planNext(renewed);
    } catch (error) {
      log.warn({ error: errorMessage(error), retryMs: this.retryMs }, 'cannot renew the certificate yet');
      this.plan(this.retryMs);
      this.retryMs = Math.min(this.retryMs * 2, this.awaitsRole(before) ? RETRY_ROLE_LAST_MS : RETRY_LAST_MS);
    }
  }
}
