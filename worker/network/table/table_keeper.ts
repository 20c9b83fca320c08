// Keeps the nft table of one namespace as wanted: applies deltas, notices drift by comparing the kernel's
// own listing with the one taken after the last change, and survives restarts without touching an equal table.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock, Timer } from '../../../shared/clock.ts';
import { errorMessage } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import { hasErrno } from '../../kernel/errors.ts';
import type { NamespaceRef } from '../../kernel/namespace.ts';
import { applyNft, listNft, nftGeneration } from '../../kernel/nft.ts';
import { type NftTable, renderDelta, renderTable } from './nft_table.ts';

/** The listing is taken when a burst of changes is over: it costs a process and nobody waits for it. */
const RECORD_DELAY_MS = 1000;

export interface TableKeeperDependencies {
  readonly clock: Clock;
  readonly log: Logger;
}

export interface TableKeeperOptions {
  readonly namespace: NamespaceRef;
  /** True where every table is ours: those of others are drift and go. */
  readonly exclusive: boolean;
  /** Remembers, across restarts of the daemon, which table the kernel holds. */
  readonly recordPath: string;
}

export class TableKeeper {
  private readonly clock: Clock;
  private readonly log: Logger;
  private readonly options: TableKeeperOptions;
  /** What the kernel holds; undefined until the first look. */
  private known: NftTable | undefined;
  /** Digest of the kernel's listing of `known`; undefined until taken. */
  private listing: string | undefined;
  /** Of the kernel's tables after our last change or look; another one means that somebody wrote to them. */
  private generation: number | undefined;
  private timer: Timer | undefined;

  constructor({ clock, log }: TableKeeperDependencies, options: TableKeeperOptions) {
    this.clock = clock;
    this.log = log;
    this.options = options;
  }

  /** Makes the kernel's table equal; one process when something differs, none otherwise. */
  async apply(table: NftTable): Promise<void> {
    if (this.known !== undefined && this.generation !== this.readGeneration()) {
      await this.verify();
    }
    if (this.known === undefined && (await this.isRecorded(table))) {
      this.known = table;
      return;
    }
    const text = this.known === undefined ? this.renderWhole(table) : renderDelta(this.known, table);
    if (text === '') {
      this.known = table;
      return;
    }
    // When it fails, what the kernel holds is as before, but is looked at anew before the next attempt.
    this.known = undefined;
    this.listing = undefined;
    this.timer?.cancel();
    await applyNft(this.clock, this.options.namespace, text);
    this.generation = this.readGeneration();
    this.known = table;
    this.timer = this.clock.after(RECORD_DELAY_MS, () => {
      this.record().catch((error: unknown) => {
        this.log.warn({ reason: errorMessage(error) }, 'the nft table could not be listed');
      });
    });
  }

  /** Takes the kernel's listing of the table just applied as the reference for `verify`. */
  private async record(): Promise<void> {
    this.timer?.cancel();
    const table = this.known;
    if (table === undefined || this.listing !== undefined) {
      return;
    }
    const listing = await this.list(table.name);
    if (this.known === table && this.generation === this.readGeneration()) {
      this.listing = listing;
      mkdirSync(dirname(this.options.recordPath), { recursive: true, mode: 0o700 });
      writeFileSync(this.options.recordPath, `${digest(renderTable(table))} ${listing}\n`, { mode: 0o600 });
    }
  }

  /** Records what is not yet, so that the next daemon finds nothing to do. */
  close(): Promise<void> {
    return this.record();
  }

  /** False when somebody changed the table; the next `apply` then replaces it. */
  async verify(): Promise<boolean> {
    const table = this.known;
    const generation = this.readGeneration();
    if (table === undefined) {
      return true;
    }
    if (generation === this.generation) {
      await this.record();
      return true;
    }
    // Somebody wrote: perhaps to another table, perhaps what was there already.
    const listing = this.listing === undefined ? undefined : await this.list(table.name);
    if (this.known !== table) {
      return true;
    }
    if (listing !== undefined && listing === this.listing) {
      this.generation = generation;
      return true;
    }
    this.known = undefined;
    this.listing = undefined;
    rmSync(this.options.recordPath, { force: true });
    return false;
  }

  /** Removes the record; the table goes with its namespace or by the caller's command. */
  forget(): void {
    this.timer?.cancel();
    this.known = undefined;
    this.listing = undefined;
    rmSync(this.options.recordPath, { force: true });
  }

  private async isRecorded(table: NftTable): Promise<boolean> {
    const [wanted, listing] = this.readRecord();
    const generation = this.readGeneration();
    if (wanted !== digest(renderTable(table)) || listing !== (await this.list(table.name))) {
      return false;
    }
    this.listing = listing;
    this.generation = generation;
    return true;
  }

  private renderWhole(table: NftTable): string {
    return this.options.exclusive ? `flush ruleset\n${renderTable(table)}` : renderTable(table);
  }

  private readGeneration(): number {
    return nftGeneration(this.options.namespace);
  }

  private readRecord(): string[] {
    try {
      return readFileSync(this.options.recordPath, 'utf8').trim().split(' ');
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) {
        return [];
      }
      throw error;
    }
  }

  private async list(name: string): Promise<string> {
    const { namespace, exclusive } = this.options;
    return digest(await listNft(this.clock, namespace, exclusive ? undefined : name));
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
