// Codecs of raft's own messages. Bytes of entries refer to the received message's buffer, which belongs to
// that message alone: they are kept as they are, since every byte of the cluster's state passes here.
import type {
  RaftBatch,
  RaftConfigChange,
  RaftEntry,
  RaftMessage,
  RaftMessageBody,
  RaftSnapshotMeta,
  RaftSnapshotPart,
} from '../protocol/raft.ts';
import { integer, malformed, required } from './fields.ts';
import type { ProtoGrpcType } from './generated/raft.ts';
import type { RaftBatch__Output } from './generated/skein/v1/RaftBatch.ts';
import type { RaftConfigChange__Output } from './generated/skein/v1/RaftConfigChange.ts';
import type { RaftEntry__Output } from './generated/skein/v1/RaftEntry.ts';
import type { RaftMessage__Output } from './generated/skein/v1/RaftMessage.ts';
import type { RaftSnapshotMeta__Output } from './generated/skein/v1/RaftSnapshotMeta.ts';
import type { RaftSnapshotPart__Output } from './generated/skein/v1/RaftSnapshotPart.ts';
import { decodeMember, encodeMember } from './raft_membership.ts';
import { bytesCodec, openSchema, type Encoded } from './schema.ts';

const messages = openSchema<ProtoGrpcType>(['raft.proto']);

/** Raft's numbers are never negative and exact. */
const number = (value: number, field: string): number => integer(value, field);

const NO_CHANGE: Encoded<RaftConfigChange__Output> = {
  addLearner: undefined,
  promote: undefined,
  remove: undefined,
  updateAddress: undefined,
};

function encodeChange(change: RaftConfigChange): Encoded<RaftConfigChange__Output> {
  switch (change.op) {
    case 'add-learner':
      return { ...NO_CHANGE, addLearner: encodeMember(change.member) };
    case 'promote':
      return { ...NO_CHANGE, promote: change.raftId };
    case 'remove':
      return { ...NO_CHANGE, remove: change.raftId };
    case 'update-address':
      return { ...NO_CHANGE, updateAddress: { raftId: change.raftId, address: change.address } };
  }
}

function decodeChange(wire: RaftConfigChange__Output): RaftConfigChange {
  const { variant } = wire;
  if (variant === undefined) {
    throw malformed('RaftConfigChange.variant', 'is missing');
  }
  switch (variant) {
    case 'addLearner':
      return {
        op: 'add-learner',
        member: decodeMember(required(wire.addLearner, 'RaftConfigChange.add_learner')),
      };
    case 'promote':
      return {
        op: 'promote',
        raftId: number(required(wire.promote, 'RaftConfigChange.promote'), 'RaftConfigChange.promote'),
      };
    case 'remove':
      return {
        op: 'remove',
        raftId: number(required(wire.remove, 'RaftConfigChange.remove'), 'RaftConfigChange.remove'),
      };
    case 'updateAddress': {
      const { raftId, address } = required(wire.updateAddress, 'RaftConfigChange.update_address');
      return { op: 'update-address', raftId: number(raftId, 'RaftAddressChange.raft_id'), address };
    }
  }
}

function encodeEntry(entry: RaftEntry): Encoded<RaftEntry__Output> {
  const place = { term: entry.term, index: entry.index, noop: undefined, data: undefined, change: undefined };
  switch (entry.kind) {
    case 'noop':
      return { ...place, noop: {} };
    case 'data':
      return { ...place, data: entry.data };
    case 'config':
      return { ...place, change: encodeChange(entry.change) };
  }
}

function decodeEntry(wire: RaftEntry__Output): RaftEntry {
  const place = { term: number(wire.term, 'RaftEntry.term'), index: number(wire.index, 'RaftEntry.index') };
  const { variant } = wire;
  if (variant === undefined) {
    throw malformed('RaftEntry.variant', 'is missing');
  }
  switch (variant) {
    case 'noop':
      return { kind: 'noop', ...place };
    case 'data':
      return { kind: 'data', ...place, data: required(wire.data, 'RaftEntry.data') };
    case 'change':
      return { kind: 'config', ...place, change: decodeChange(required(wire.change, 'RaftEntry.change')) };
  }
}

function decodeSnapshot(wire: RaftSnapshotMeta__Output): RaftSnapshotMeta {
  return {
    index: number(wire.index, 'RaftSnapshotMeta.index'),
    term: number(wire.term, 'RaftSnapshotMeta.term'),
    members: wire.members.map(decodeMember),
  };
}

const NO_BODY: Omit<Encoded<RaftMessage__Output>, 'from' | 'to' | 'term'> = {
  preVote: undefined,
  preVoteResponse: undefined,
  vote: undefined,
  voteResponse: undefined,
  append: undefined,
  appendResponse: undefined,
  appendReject: undefined,
  heartbeat: undefined,
  heartbeatResponse: undefined,
  snapshot: undefined,
  readRequest: undefined,
  readResponse: undefined,
  timeoutNow: undefined,
};

function encodeBody(body: RaftMessageBody): Partial<Encoded<RaftMessage__Output>> {
  switch (body.kind) {
    case 'pre-vote':
      return { preVote: { lastIndex: body.lastIndex, lastTerm: body.lastTerm, force: false } };
    case 'pre-vote-response':
      return {
        preVoteResponse: { granted: body.granted, commit: body.commit, commitTerm: body.commitTerm },
      };
    case 'vote':
      return { vote: { lastIndex: body.lastIndex, lastTerm: body.lastTerm, force: body.force } };
    case 'vote-response':
      return { voteResponse: { granted: body.granted, commit: body.commit, commitTerm: body.commitTerm } };
    case 'append': {
      const { prevIndex, prevTerm, commit, entries } = body;
      return { append: { prevIndex, prevTerm, commit, entries: entries.map(encodeEntry) } };
    }
    case 'append-response':
      return { appendResponse: { index: body.index } };
    case 'append-reject':
      return {
        appendReject: { prevIndex: body.prevIndex, hintIndex: body.hintIndex, hintTerm: body.hintTerm },
      };
    case 'heartbeat':
      return { heartbeat: { commit: body.commit, readSequence: body.readSequence } };
    case 'heartbeat-response':
      return { heartbeatResponse: { readSequence: body.readSequence } };
    case 'snapshot': {
      const { index, term, members } = body.snapshot;
      return { snapshot: { index, term, members: members.map(encodeMember) } };
    }
    case 'read-request':
      return { readRequest: { requestId: body.requestId } };
    case 'read-response':
      return { readResponse: { requestId: body.requestId, index: body.index } };
    case 'timeout-now':
      return { timeoutNow: {} };
  }
}

function encodeMessage(message: RaftMessage): Encoded<RaftMessage__Output> {
  return { from: message.from, to: message.to, term: message.term, ...NO_BODY, ...encodeBody(message) };
}

function decodeBody(wire: RaftMessage__Output): RaftMessageBody {
  const { variant } = wire;
  if (variant === undefined) {
    throw malformed('RaftMessage.variant', 'is missing');
  }
  const field = `RaftMessage.${variant}`;
  switch (variant) {
    case 'preVote': {
      const { lastIndex, lastTerm } = required(wire.preVote, field);
      return { kind: 'pre-vote', lastIndex: number(lastIndex, field), lastTerm: number(lastTerm, field) };
    }
    case 'preVoteResponse': {
      const { granted, commit, commitTerm } = required(wire.preVoteResponse, field);
      const hint = { commit: number(commit, field), commitTerm: number(commitTerm, field) };
      return { kind: 'pre-vote-response', granted, ...hint };
    }
    case 'vote': {
      const { lastIndex, lastTerm, force } = required(wire.vote, field);
      return { kind: 'vote', lastIndex: number(lastIndex, field), lastTerm: number(lastTerm, field), force };
    }
    case 'voteResponse': {
      const { granted, commit, commitTerm } = required(wire.voteResponse, field);
      const hint = { commit: number(commit, field), commitTerm: number(commitTerm, field) };
      return { kind: 'vote-response', granted, ...hint };
    }
    case 'append': {
      const { prevIndex, prevTerm, commit, entries } = required(wire.append, field);
      return {
        kind: 'append',
        prevIndex: number(prevIndex, field),
        prevTerm: number(prevTerm, field),
        commit: number(commit, field),
        entries: contiguous(entries.map(decodeEntry), prevIndex),
      };
    }
    case 'appendResponse':
      return { kind: 'append-response', index: number(required(wire.appendResponse, field).index, field) };
    case 'appendReject': {
      const { prevIndex, hintIndex, hintTerm } = required(wire.appendReject, field);
      return {
        kind: 'append-reject',
        prevIndex: number(prevIndex, field),
        hintIndex: number(hintIndex, field),
        hintTerm: number(hintTerm, field),
      };
    }
    case 'heartbeat': {
      const { commit, readSequence } = required(wire.heartbeat, field);
      return { kind: 'heartbeat', commit: number(commit, field), readSequence: number(readSequence, field) };
    }
    case 'heartbeatResponse': {
      const { readSequence } = required(wire.heartbeatResponse, field);
      return { kind: 'heartbeat-response', readSequence: number(readSequence, field) };
    }
    case 'snapshot':
      return { kind: 'snapshot', snapshot: decodeSnapshot(required(wire.snapshot, field)) };
    case 'readRequest':
      return { kind: 'read-request', requestId: number(required(wire.readRequest, field).requestId, field) };
    case 'readResponse': {
      const { requestId, index } = required(wire.readResponse, field);
      return { kind: 'read-response', requestId: number(requestId, field), index: number(index, field) };
    }
    case 'timeoutNow':
      return { kind: 'timeout-now' };
  }
}

/** The core takes for granted that the entries of an append follow its previous one without a gap. */
function contiguous(entries: readonly RaftEntry[], prevIndex: number): readonly RaftEntry[] {
  for (const [at, entry] of entries.entries()) {
    if (entry.index !== prevIndex + 1 + at) {
      throw malformed('RaftAppend.entries', 'have a gap');
    }
  }
  return entries;
}

function decodeMessage(wire: RaftMessage__Output): RaftMessage {
  return {
    from: number(wire.from, 'RaftMessage.from'),
    to: number(wire.to, 'RaftMessage.to'),
    term: number(wire.term, 'RaftMessage.term'),
    ...decodeBody(wire),
  };
}

function encodeBatch(batch: RaftBatch): Encoded<RaftBatch__Output> {
  return { from: batch.from, address: batch.address, messages: batch.messages.map(encodeMessage) };
}

function decodeBatch(wire: RaftBatch__Output): RaftBatch {
  return {
    from: number(wire.from, 'RaftBatch.from'),
    address: wire.address,
    messages: wire.messages.map(decodeMessage),
  };
}

export const raftBatch = bytesCodec(messages.message('RaftBatch'), encodeBatch, decodeBatch);

export const raftSnapshotPart = bytesCodec(
  messages.message('RaftSnapshotPart'),
  (part: RaftSnapshotPart): Encoded<RaftSnapshotPart__Output> =>
    part.kind === 'opening'
      ? { opening: encodeBatch(part.batch), chunk: undefined }
      : { opening: undefined, chunk: part.data },
  (wire): RaftSnapshotPart =>
    wire.variant === 'opening'
      ? { kind: 'opening', batch: decodeBatch(required(wire.opening, 'RaftSnapshotPart.opening')) }
      : { kind: 'chunk', data: required(wire.chunk, 'RaftSnapshotPart.chunk') },
);
