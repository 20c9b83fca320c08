// The method tables against the services that the .proto files declare: every rpc has an entry, its kind
// and its messages are the declared ones, and only the right callers are let in.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';
import type { MethodDefinition, ServiceDefinition } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import type { Caller } from '../../rpc/method.ts';
import { backupMethods } from './backup.ts';
import { caMethods } from './ca.ts';
import { controlMethods } from './control.ts';
import { dispatcherMethods } from './dispatcher.ts';
import { logMethods } from './logs.ts';
import { managerMethods } from './manager.ts';
import { raftMembershipMethods } from './raft_membership.ts';

const TABLES = {
  Backup: backupMethods,
  Ca: caMethods,
  Control: controlMethods,
  Dispatcher: dispatcherMethods,
  Logs: logMethods,
  Manager: managerMethods,
  RaftMembership: raftMembershipMethods,
};

interface Entry {
  readonly path: string;
  readonly kind: string;
  readonly allow: readonly Caller[];
  readonly timeoutMs?: number;
  readonly noRequest?: true;
  readonly encodeRequest: (request: never) => Buffer;
  readonly decodeRequest: (bytes: Buffer) => unknown;
}

const proto = fileURLToPath(new URL('../../../proto', import.meta.url));
const declared = loadSync(
  [
    'backup.proto',
    'ca.proto',
    'control.proto',
    'dispatcher.proto',
    'logs.proto',
    'raft_membership.proto',
  ].map((name) => join(proto, name)),
);

function rpcs(service: string): readonly MethodDefinition<object, object>[] {
  return Object.values(declared[`skein.v1.${service}`] as ServiceDefinition);
}

function kindOf(rpc: MethodDefinition<object, object>): string {
  if (rpc.requestStream) {
    return rpc.responseStream ? 'bidi' : 'client-stream';
  }
  return rpc.responseStream ? 'server-stream' : 'unary';
}

describe.each(Object.entries(TABLES))('%s', (service, table) => {
  const entries = Object.entries<Entry>(table as never);

  it('has an entry for every rpc and no other, of the declared kind', () => {
    const found = entries.map(([name, { path, kind }]) => [name, path, kind]).sort();
    const expected = rpcs(service).map((rpc) => [
      `${rpc.originalName}`,
      `/skein.v1.${service}/${rpc.path.split('/').at(-1)}`,
      kindOf(rpc),
    ]);
    expect(found).toEqual(expected.sort());
  });

  it('marks exactly the calls whose request is Empty', () => {
    for (const rpc of rpcs(service)) {
      const entry = entries.find(([, { path }]) => path === rpc.path)?.[1];
      const empty = (rpc.requestType.type as { name: string }).name === 'Empty';
      expect([rpc.path, entry?.noRequest === true]).toEqual([rpc.path, empty]);
    }
  });

  it('gives every unary call a time-out', () => {
    for (const [, { kind, timeoutMs, path }] of entries) {
      expect([path, (timeoutMs ?? 0) > 0]).toEqual([path, kind === 'unary']);
    }
  });
});

describe('who may call', () => {
  const allow = (table: object) => [
    ...new Set(Object.values<Entry>(table as never).map((entry) => [...entry.allow].sort().join(' '))),
  ];

  it.each([
    ['Ca', caMethods, ['local manager stranger worker']],
    ['Backup', backupMethods, ['local']],
    ['Control', controlMethods, ['local manager']],
    ['Manager', managerMethods, ['local manager']],
    ['Dispatcher', dispatcherMethods, ['manager worker']],
    ['RaftMembership', raftMembershipMethods, ['local manager']],
    ['Logs', logMethods, ['local manager', 'manager worker']],
  ])('%s', (_service, table, expected) => {
    expect(allow(table)).toEqual(expected);
  });
});
