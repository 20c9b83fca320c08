// Every raft message there and back, and what is refused.
import { describe, expect, it } from 'vitest';
import type { RaftEntry, RaftMessageBody } from '../protocol/raft.ts';
import { raftBatch, raftSnapshotPart } from './raft.ts';

const member = { raftId: 3, nodeId: 'n3', address: '10.0.0.3:2377', learner: true };
const BIG = 2 ** 53 - 1;

const entries: readonly RaftEntry[] = [
  { kind: 'noop', term: 1, index: 6 },
  { kind: 'data', term: 1, index: 7, data: Buffer.from([1, 2, 3]) },
  { kind: 'data', term: 1, index: 8, data: Buffer.alloc(0) },
  { kind: 'config', term: 1, index: 9, change: { op: 'add-learner', member } },
  { kind: 'config', term: 1, index: 10, change: { op: 'promote', raftId: 3 } },
  { kind: 'config', term: 1, index: 11, change: { op: 'remove', raftId: 3 } },
  { kind: 'config', term: 1, index: 12, change: { op: 'update-address', raftId: 3, address: 'a:1' } },
];

const bodies: readonly RaftMessageBody[] = [
  { kind: 'pre-vote', lastIndex: BIG, lastTerm: 2 },
  { kind: 'pre-vote-response', granted: true, commit: 4, commitTerm: 1 },
  { kind: 'vote', lastIndex: 1, lastTerm: 2, force: true },
  { kind: 'vote-response', granted: false, commit: 0, commitTerm: 0 },
  { kind: 'append', prevIndex: 5, prevTerm: 1, commit: 4, entries },
  { kind: 'append', prevIndex: 0, prevTerm: 0, commit: 0, entries: [] },
  { kind: 'append-response', index: 9 },
  { kind: 'append-reject', prevIndex: 9, hintIndex: 3, hintTerm: 1 },
  { kind: 'heartbeat', commit: 3, readSequence: 8 },
  { kind: 'heartbeat-response', readSequence: 8 },
  { kind: 'snapshot', snapshot: { index: 90, term: 7, members: [member] } },
  { kind: 'read-request', requestId: BIG },
  { kind: 'read-response', requestId: 12, index: 4 },
  { kind: 'timeout-now' },
];

describe('raft messages', () => {
  it.each(bodies.map((body) => [body.kind, body] as const))('%s goes there and back', (_, body) => {
    const batch = { from: 1, address: 'a:1', messages: [{ from: 1, to: 2, term: 3, ...body }] };
    expect(raftBatch.decode(raftBatch.encode(batch))).toEqual(batch);
  });

  it('parts of a snapshot go there and back', () => {
    const chunk = { kind: 'chunk', data: Buffer.from('state') } as const;
    expect(raftSnapshotPart.decode(raftSnapshotPart.encode(chunk))).toEqual(chunk);
    const opening = { kind: 'opening', batch: { from: 1, address: '', messages: [] } } as const;
    expect(raftSnapshotPart.decode(raftSnapshotPart.encode(opening))).toEqual(opening);
  });

  it('entries with a gap and nonsense are refused', () => {
    const gap = { kind: 'append', prevIndex: 5, prevTerm: 1, commit: 4, entries: entries.slice(1) } as const;
    const bytes = raftBatch.encode({ from: 1, address: '', messages: [{ from: 1, to: 2, term: 3, ...gap }] });
    expect(() => raftBatch.decode(bytes)).toThrow(/gap/);
    expect(() => raftBatch.decode(Buffer.from('nonsense'))).toThrow();
    expect(() => raftSnapshotPart.decode(Buffer.alloc(0))).toThrow(/missing/);
  });
});
