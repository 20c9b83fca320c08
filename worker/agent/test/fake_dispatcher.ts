// A cluster of managers as an agent sees it: who leads is the test's word, and what the agent says is noted.
import { SkeinError } from '../../../shared/errors.ts';
import type {
  AgentMessage,
  DispatcherMessage,
  DispatcherService,
} from '../../../shared/protocol/dispatcher.ts';
import type { CallContext } from '../../../shared/protocol/peer.ts';
import { AsyncQueue } from '../../../shared/queue.ts';

export class FakeManagers {
  /** Address of the leader; empty while there is none. */
  leader = '';
  /** Everything that happened, one line each. */
  readonly transcript: string[] = [];
  readonly received: AgentMessage[] = [];
  /** Whether heartbeats are answered. */
  answering = true;
  periodMs = 1_000;
  private outgoing: AsyncQueue<DispatcherMessage> | undefined;

  dispatcher(address: string): DispatcherService {
    return { session: (messages, context) => this.session(address, messages, context) };
  }

  /** Sends to the agent in session. */
  tell(message: DispatcherMessage): void {
    this.outgoing?.push(message);
  }

  /** The leader is gone, and its connections with it. */
  fail(): void {
    this.leader = '';
    this.outgoing?.fail(new SkeinError('unavailable', 'unavailable', 'connection lost'));
  }

  private async *session(
    address: string,
    messages: AsyncIterable<AgentMessage>,
    context: CallContext,
  ): AsyncGenerator<DispatcherMessage, void, undefined> {
    if (address !== this.leader) {
      this.transcript.push(`${address} refuses`);
      throw new SkeinError('unavailable', 'not-leader', 'not the leader', {
        data: { leaderAddress: this.leader },
      });
    }
    this.transcript.push(`${address} accepts`);
    const outgoing = new AsyncQueue<DispatcherMessage>(1_000);
    this.outgoing = outgoing;
    context.signal.addEventListener('abort', () => outgoing.fail(context.signal.reason), { once: true });
    this.listen(messages, outgoing).catch((error: unknown) => outgoing.fail(error));
    yield* outgoing;
  }

  private async listen(
    messages: AsyncIterable<AgentMessage>,
    outgoing: AsyncQueue<DispatcherMessage>,
  ): Promise<void> {
    for await (const message of messages) {
      this.received.push(message);
      this.transcript.push(describeMessage(message));
      if (message.kind === 'register') {
        outgoing.push({ kind: 'registered', sessionId: 's1', heartbeatPeriodMs: this.periodMs });
      } else if (message.kind === 'heartbeat' && this.answering) {
        outgoing.push({ kind: 'heartbeat', heartbeatPeriodMs: this.periodMs });
      }
    }
  }
}

function describeMessage(message: AgentMessage): string {
  switch (message.kind) {
    case 'status':
      return `status #${message.sequence}: ${message.updates.map((u) => `${u.taskId.replace(/0+$/, '')} ${u.status.state}`).join(', ')}`;
    case 'views-applied':
      return `views-applied ${message.views.map((view) => `${view.networkId}@${view.version}`).join(' ')}`;
    case 'attachments':
      return `attachments${message.complete ? ' complete' : ''} +${message.claims.length} -${message.released.length}`;
    case 'register':
    case 'heartbeat':
    case 'describe':
    case 'leaving':
    case 'resync':
    case 'encryption':
    case 'farewell':
      return message.kind;
  }
}
