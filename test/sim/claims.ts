// The file of what a machine's own containers hold on networks: outlives processes and power, as the real one.
import type { ClaimStorage, HeldClaim } from '../../worker/attachment/claim_file.ts';

export class ClaimsOnMachine implements ClaimStorage {
  private held: readonly HeldClaim[] = [];

  async load(): Promise<readonly HeldClaim[]> {
    return this.held;
  }

  async save(held: readonly HeldClaim[]): Promise<void> {
    this.held = held;
  }

  async flush(): Promise<void> {}
}
