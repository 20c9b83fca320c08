// The content of log records: entries, hard state, identity, and resets of the log, as tagged items.
// A record holds one or more items; its frame, checksum and sealing are the segment's business.
import type { ConfigChange, Entry, HardState, Member } from '../core/types.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

export type LogItem =
  /** First in every segment: whose log this is. */
  | { readonly kind: 'member'; readonly raftId: number }
  | { readonly kind: 'hard-state'; readonly hardState: HardState }
  /** Replaces what the log has from its index on. */
  | { readonly kind: 'entry'; readonly entry: Entry }
  /** A snapshot at this entry replaced the whole log. */
  | { readonly kind: 'reset'; readonly index: number; readonly term: number };

const TAG = { member: 1, hardState: 2, noop: 3, data: 4, config: 5, reset: 6 } as const;
const OP = { addLearner: 1, promote: 2, remove: 3, updateAddress: 4 } as const;

/** Tag, two numbers and a length. */
const ENTRY_FRAME_BYTES = 1 + 8 + 8 + 4;
const SMALL_ITEM_BYTES = 1 + 8 + 8 + 8;

function itemBytes(item: LogItem): number {
  if (item.kind !== 'entry') {
    return SMALL_ITEM_BYTES;
  }
  const { entry } = item;
  switch (entry.kind) {
    case 'noop':
      return ENTRY_FRAME_BYTES;
    case 'data':
      return ENTRY_FRAME_BYTES + entry.data.length;
    case 'config':
      return ENTRY_FRAME_BYTES + changeBytes(entry.change);
  }
}

export function encodeItems(items: readonly LogItem[]): Buffer {
  const writer = new ByteWriter(items.reduce((sum, item) => sum + itemBytes(item), 0));
  for (const item of items) {
    encodeItem(writer, item);
  }
  return writer.done();
}

function encodeItem(writer: ByteWriter, item: LogItem): void {
  switch (item.kind) {
    case 'member':
      writer.u8(TAG.member).u64(item.raftId);
      return;
    case 'hard-state':
      writer.u8(TAG.hardState).u64(item.hardState.term).u64(item.hardState.vote).u64(item.hardState.commit);
      return;
    case 'reset':
      writer.u8(TAG.reset).u64(item.index).u64(item.term);
      return;
    case 'entry':
      encodeEntry(writer, item.entry);
  }
}

function encodeEntry(writer: ByteWriter, entry: Entry): void {
  writer.u8(TAG[entry.kind]).u64(entry.term).u64(entry.index);
  if (entry.kind === 'data') {
    writer.bytes(entry.data);
  } else if (entry.kind === 'config') {
    encodeChange(writer, entry.change);
  }
}

/** Throws when the bytes are no items. Data of entries refers to `bytes`. */
export function decodeItems(bytes: Uint8Array): readonly LogItem[] {
  const reader = new ByteReader(bytes);
  const items: LogItem[] = [];
  while (reader.left > 0) {
    items.push(decodeItem(reader));
  }
  return items;
}

function decodeItem(reader: ByteReader): LogItem {
  const tag = reader.u8();
  switch (tag) {
    case TAG.member:
      return { kind: 'member', raftId: reader.u64() };
    case TAG.hardState:
      return {
        kind: 'hard-state',
        hardState: { term: reader.u64(), vote: reader.u64(), commit: reader.u64() },
      };
    case TAG.reset:
      return { kind: 'reset', index: reader.u64(), term: reader.u64() };
    case TAG.noop:
      return { kind: 'entry', entry: { kind: 'noop', term: reader.u64(), index: reader.u64() } };
    case TAG.data: {
      const entry = { kind: 'data', term: reader.u64(), index: reader.u64(), data: reader.bytes() } as const;
      return { kind: 'entry', entry };
    }
    case TAG.config: {
      const place = { term: reader.u64(), index: reader.u64() };
      return { kind: 'entry', entry: { kind: 'config', ...place, change: decodeChange(reader) } };
    }
    default:
      throw new RangeError(`unknown item ${tag}`);
  }
}

function changeBytes(change: ConfigChange): number {
  switch (change.op) {
    case 'add-learner':
      return 1 + memberBytes(change.member);
    case 'update-address':
      return 1 + 8 + 4 + Buffer.byteLength(change.address);
    default:
      return 1 + 8;
  }
}

function encodeChange(writer: ByteWriter, change: ConfigChange): void {
  switch (change.op) {
    case 'add-learner':
      writer.u8(OP.addLearner);
      encodeMember(writer, change.member);
      return;
    case 'promote':
      writer.u8(OP.promote).u64(change.raftId);
      return;
    case 'remove':
      writer.u8(OP.remove).u64(change.raftId);
      return;
    case 'update-address':
      writer.u8(OP.updateAddress).u64(change.raftId).text(change.address);
  }
}

function decodeChange(reader: ByteReader): ConfigChange {
  const op = reader.u8();
  switch (op) {
    case OP.addLearner:
      return { op: 'add-learner', member: decodeMember(reader) };
    case OP.promote:
      return { op: 'promote', raftId: reader.u64() };
    case OP.remove:
      return { op: 'remove', raftId: reader.u64() };
    case OP.updateAddress:
      return { op: 'update-address', raftId: reader.u64(), address: reader.text() };
    default:
      throw new RangeError(`unknown change of membership ${op}`);
  }
}

export function memberBytes(member: Member): number {
  return 8 + 1 + 4 + Buffer.byteLength(member.nodeId) + 4 + Buffer.byteLength(member.address);
}

export function encodeMember(writer: ByteWriter, member: Member): void {
  writer
    .u64(member.raftId)
    .u8(member.learner ? 1 : 0)
    .text(member.nodeId)
    .text(member.address);
}

export function decodeMember(reader: ByteReader): Member {
  return {
    raftId: reader.u64(),
    learner: reader.u8() === 1,
    nodeId: reader.text(),
    address: reader.text(),
  };
}
