// Messages on their way out: ordinary ones to the transport at once, snapshots beside their bytes, each with
// a report of how it ended.
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import type { Message, MessageOf, RaftId } from './core/types.ts';
import type { RaftStorage } from './storage/storage.ts';
import type { Transport } from './transport/api.ts';

export interface OutgoingDependencies {
  readonly logger: Logger;
  readonly storage: RaftStorage;
  readonly transport: Transport;
}

export class Outgoing {
  private readonly deps: OutgoingDependencies;
  private readonly report: (to: RaftId, delivered: boolean) => void;
  /** Index of the snapshot that is being sent to each member. */
  private readonly sending = new Map<RaftId, number>();

  /** @param report is told how each snapshot ended. */
  constructor(dependencies: OutgoingDependencies, report: (to: RaftId, delivered: boolean) => void) {
    this.deps = dependencies;
    this.report = report;
  }

  send(messages: readonly Message[]): void {
    if (messages.length === 0) {
      return;
    }
    const snapshots = messages.filter((message) => message.kind === 'snapshot');
    this.deps.transport.send(
      snapshots.length === 0 ? messages : messages.filter((message) => message.kind !== 'snapshot'),
    );
    for (const message of snapshots) {
      void this.sendSnapshot(message);
    }
  }

  /** Entries after this index will be needed by members that a snapshot is on its way to; infinite for none. */
  lowestSnapshot(): number {
    return Math.min(...this.sending.values());
  }

  private async sendSnapshot(message: MessageOf<'snapshot'>): Promise<void> {
    const { logger, storage, transport } = this.deps;
    const { to, snapshot } = message;
    this.sending.set(to, snapshot.index);
    let delivered = false;
    try {
      await transport.sendSnapshot(message, storage.snapshots.read(snapshot));
      delivered = true;
    } catch (error) {
      logger.warn({ to, index: snapshot.index, error: errorMessage(error) }, 'snapshot not delivered');
    }
    this.sending.delete(to);
    this.report(to, delivered);
  }
}
