// One session with one manager: registers, beats, takes assignments and acknowledgements, sends states. Ends
// with an error when the stream does; which manager to try next, and when, is agent.ts's.
import { ChildAbort } from '../../shared/child_abort.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';
import type { AttachmentRefusal } from '../../shared/model/attachment.ts';
import type { NodeDescription } from '../../shared/model/node.ts';
import type { AgentMessage, DispatcherMessage, DispatcherService } from '../../shared/protocol/dispatcher.ts';
import { AsyncQueue } from '../../shared/queue.ts';
import type { Random } from '../../shared/random.ts';
import type { AssignmentsMessage } from './assignment_set.ts';

/** Answers to `register` come after one commit; a manager that takes longer is no leader. */
const REGISTER_TIMEOUT_MS = 5_000;
/** Beats without any word from the manager after which it is given up. */
const MISSED_BEATS = 3;
/** A busy manager or machine may be this late with an answer however short its period is. */
const SILENCE_MIN_MS = 2_000;
/** Share of the period by which beats are spread, so that a thousand agents do not beat at once. */
const BEAT_JITTER = 0.1;
/** Periods that make sense; anything else a manager says is cut to these. */
const PERIOD_MIN_MS = 100;
const PERIOD_MAX_MS = 600_000;
/** Messages waiting for a slow stream: far more than a session ever has. */
const OUTBOX_MAX = 1_000;

export type SessionMessage = Extract<DispatcherMessage, { kind: 'session' }>;

export interface SessionHandlers {
  readonly onRegistered: (sessionId: string) => void;
  readonly onSession: (message: SessionMessage) => void;
  /** Returns false when the increment does not fit: a full set is asked for. */
  readonly onAssignments: (message: AssignmentsMessage) => boolean;
  readonly onDrained: (taskIds: readonly string[]) => void;
  readonly onRefused: (refusals: readonly AttachmentRefusal[]) => void;
  readonly onStatusAck: (sequence: number) => void;
}

export interface Registration {
  readonly description: NodeDescription;
  readonly address: string;
  readonly vtepAddress: string;
}

export class DispatcherSession {
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly handlers: SessionHandlers;
  private readonly outbox = new AsyncQueue<AgentMessage>(OUTBOX_MAX);
  private ending: ChildAbort | undefined;
  private periodMs = PERIOD_MAX_MS;
  private beat: Timer | undefined;
  private silence: Timer | undefined;
  private registered = false;

  constructor(dependencies: { readonly clock: Clock; readonly random: Random }, handlers: SessionHandlers) {
    this.clock = dependencies.clock;
    this.random = dependencies.random;
    this.handlers = handlers;
  }

  /** Sends, once registered; before that and after the end it does nothing. */
  send(message: AgentMessage): void {
    if (this.registered) {
      this.outbox.push(message);
    }
  }

  /** Says the last word: the manager knows that this node is not coming back, and ends the stream. */
  finish(): void {
    this.beat?.cancel();
    this.send({ kind: 'farewell' });
    this.registered = false;
    this.outbox.close();
  }

  /** Runs until the stream ends. @throws always: why it ended */
  async run(service: DispatcherService, registration: Registration, signal: AbortSignal): Promise<never> {
    const ending = new ChildAbort(signal);
    this.ending = ending;
    this.expectWord(REGISTER_TIMEOUT_MS);
    this.outbox.push({ kind: 'register', ...registration });
    try {
      const messages = service.session(this.outbox, { peer: { kind: 'local' }, signal: ending.signal });
      for await (const message of messages) {
        ending.signal.throwIfAborted();
        this.handle(message);
      }
      ending.signal.throwIfAborted();
      throw new SkeinError('unavailable', 'session-ended', 'the manager ended the session');
    } catch (error) {
      throw ending.signal.aborted ? ending.signal.reason : error;
    } finally {
      ending.release();
      this.beat?.cancel();
      this.silence?.cancel();
      this.registered = false;
      this.outbox.fail(new SkeinError('unavailable', 'session-over', 'the session is over'));
    }
  }

  private handle(message: DispatcherMessage): void {
    if (message.kind === 'registered') {
      this.registered = true;
      this.setPeriod(message.heartbeatPeriodMs);
      this.scheduleBeat();
      this.handlers.onRegistered(message.sessionId);
    }
    if (!this.registered) {
      throw new SkeinError('invalid', 'bad-session', `the manager sent ${message.kind} before "registered"`);
    }
    this.expectWord(Math.max(this.periodMs * MISSED_BEATS, SILENCE_MIN_MS));
    switch (message.kind) {
      case 'registered':
        break;
      case 'heartbeat':
        this.setPeriod(message.heartbeatPeriodMs);
        break;
      case 'session':
        this.handlers.onSession(message);
        break;
      case 'assignments':
        if (!this.handlers.onAssignments(message)) {
          this.send({ kind: 'resync' });
        }
        break;
      case 'drained':
        this.handlers.onDrained(message.taskIds);
        break;
      case 'attachments-refused':
        this.handlers.onRefused(message.refusals);
        break;
      case 'status-ack':
        this.handlers.onStatusAck(message.sequence);
        break;
    }
  }

  private setPeriod(periodMs: number): void {
    this.periodMs = Math.min(Math.max(periodMs, PERIOD_MIN_MS), PERIOD_MAX_MS);
  }

  private scheduleBeat(): void {
    const spread = 1 - BEAT_JITTER + 2 * BEAT_JITTER * this.random.next();
    this.beat?.cancel();
    this.beat = this.clock.after(this.periodMs * spread, () => {
      this.send({ kind: 'heartbeat' });
      this.scheduleBeat();
    });
  }

  /** Any message counts as a sign of life. */
  private expectWord(withinMs: number): void {
    this.silence?.cancel();
    this.silence = this.clock.after(withinMs, () =>
      this.ending?.abort(
        new SkeinError('timeout', 'manager-silent', `no word from the manager within ${withinMs} ms`),
      ),
    );
  }
}
