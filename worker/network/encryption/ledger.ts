// Which keys this node has ever installed under its present incarnation, kept across restarts of the daemon: a
// key that the kernel has lost must not be installed again, since its counter of packets would begin anew.
// Holds no keys.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isIncarnation } from '../../../shared/model/network_keys.ts';
import type { Random } from '../../../shared/random.ts';
import { hasErrno } from '../../kernel/errors.ts';
import type { XfrmState } from '../../kernel/xfrm.ts';
import { type KeyUse, type PlannedState, stateKey, useKey } from './plan.ts';

const INCARNATION_BYTES = 8;

interface LedgerRecord {
  readonly incarnation: string;
  /** By `useKey`; with the state's key as the kernel knows it. */
  readonly uses: readonly (KeyUse & { readonly state: string })[];
}

export class KeyLedger {
  private readonly random: Random;
  private readonly path: string;
  private current: string;
  private readonly uses = new Map<string, KeyUse & { readonly state: string }>();

  /** @param path of the record; a missing or damaged one means a new incarnation */
  constructor({ random }: { readonly random: Random }, { path }: { readonly path: string }) {
    this.random = random;
    this.path = path;
    const record = read(path);
    this.current = record?.incarnation ?? this.draw();
    for (const use of record?.uses ?? []) {
      this.uses.set(useKey(use), use);
    }
  }

  get incarnation(): string {
    return this.current;
  }

  /** True when nothing was installed under this incarnation yet. */
  get isFresh(): boolean {
    return this.uses.size === 0;
  }

  isUsed({ use }: PlannedState): boolean {
    return this.uses.has(useKey(use));
  }

  /** What the association was installed for under this incarnation; undefined when it was not. */
  useOf(state: XfrmState): KeyUse | undefined {
    const key = stateKey(state);
    return Array.from(this.uses.values()).find((use) => use.state === key);
  }

  /** Written down before the kernel has them. Uses of epochs that are over are forgotten. */
  note(states: readonly PlannedState[], oldestEpoch: number): void {
    for (const [key, { epoch }] of this.uses) {
      if (epoch < oldestEpoch) {
        this.uses.delete(key);
      }
    }
    for (const { state, use } of states) {
      this.uses.set(useKey(use), { ...use, state: stateKey(state) });
    }
    this.write();
  }

  /** All keys of this node are other ones from now on. */
  renew(): void {
    this.uses.clear();
    this.current = this.draw();
    this.write();
  }

  private draw(): string {
    return Buffer.from(this.random.bytes(INCARNATION_BYTES)).toString('hex');
  }

  private write(): void {
    const record: LedgerRecord = { incarnation: this.current, uses: [...this.uses.values()] };
    mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
    const temporary = `${this.path}.new`;
    writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 });
    renameSync(temporary, this.path);
  }
}

function read(path: string): LedgerRecord | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) {
      return undefined;
    }
    throw error;
  }
  try {
    const record: Partial<LedgerRecord> = JSON.parse(text);
    const { incarnation, uses } = record;
    return typeof incarnation === 'string' && isIncarnation(incarnation) && Array.isArray(uses)
      ? { incarnation, uses }
      : undefined;
  } catch {
    // Cut off in the middle of a write: nothing in it can be relied on, and a new incarnation needs nothing of it.
    return undefined;
  }
}
