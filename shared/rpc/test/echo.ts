// For tests: a small service with every shape of call and every kind of caller, coded as JSON.
import type { CallContext } from '../../protocol/peer.ts';
import type { Caller, MethodTable } from '../method.ts';

export interface Echo {
  whoAmI(context: CallContext): Promise<{ readonly peer: string; readonly forwarded: boolean }>;
  say(request: { readonly text: string }, context: CallContext): Promise<{ readonly text: string }>;
  forStrangers(request: { readonly text: string }, context: CallContext): Promise<{ readonly text: string }>;
  forWorkers(request: { readonly text: string }, context: CallContext): Promise<{ readonly text: string }>;
  forManagers(request: { readonly text: string }, context: CallContext): Promise<{ readonly text: string }>;
  count(request: { readonly to: number }, context: CallContext): AsyncIterable<number>;
  sum(messages: AsyncIterable<number>, context: CallContext): Promise<number>;
  chat(messages: AsyncIterable<string>, context: CallContext): AsyncIterable<string>;
}

export const EVERYBODY: readonly Caller[] = ['stranger', 'worker', 'manager', 'local'];

const json = {
  encodeRequest: (request: unknown) => Buffer.from(JSON.stringify(request)),
  decodeRequest: (bytes: Buffer) => JSON.parse(bytes.toString()),
  encodeResponse: (response: unknown) => Buffer.from(JSON.stringify(response)),
  decodeResponse: (bytes: Buffer) => JSON.parse(bytes.toString()),
};

const unary = (name: string, allow: readonly Caller[], timeoutMs = 2_000) =>
  ({ kind: 'unary', path: `/test.Echo/${name}`, allow, timeoutMs, ...json }) as const;

export const echoMethods: MethodTable<Echo> = {
  whoAmI: { ...unary('WhoAmI', EVERYBODY), noRequest: true },
  say: unary('Say', EVERYBODY, 500),
  forStrangers: unary('ForStrangers', ['stranger']),
  forWorkers: unary('ForWorkers', ['worker', 'manager', 'local']),
  forManagers: unary('ForManagers', ['manager']),
  count: { kind: 'server-stream', path: '/test.Echo/Count', allow: EVERYBODY, ...json },
  sum: { kind: 'client-stream', path: '/test.Echo/Sum', allow: EVERYBODY, ...json },
  chat: { kind: 'bidi', path: '/test.Echo/Chat', allow: EVERYBODY, ...json },
};

const repeat = async (request: { readonly text: string }) => request;

/** A plain implementation; tests override what they look at. */
export function echoService(overrides: Partial<Echo> = {}): Echo {
  return {
    whoAmI: async (context) => {
      const { peer } = context;
      return {
        peer: peer.kind === 'node' ? `${peer.role} ${peer.nodeId}` : peer.kind,
        forwarded: context.forwarded === true,
      };
    },
    say: repeat,
    forStrangers: repeat,
    forWorkers: repeat,
    forManagers: repeat,
    async *count({ to }) {
      for (let number = 1; number <= to; number += 1) {
        yield number;
      }
    },
    sum: async (numbers) => {
      let total = 0;
      for await (const number of numbers) {
        total += number;
      }
      return total;
    },
    async *chat(messages) {
      for await (const message of messages) {
        yield `you said ${message}`;
      }
    },
    ...overrides,
  };
}

/** A context for calls made by tests. */
export function callContext(signal: AbortSignal = new AbortController().signal): CallContext {
  return { peer: { kind: 'local' }, signal };
}
