// The raft id of this manager, written before its log exists: a manager that stops between joining and its
// first entry comes back under the same id.
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { SkeinError } from '../shared/errors.ts';
import type { RaftMember } from '../shared/protocol/raft.ts';

export interface MemberFile {
  readonly raftId: number;
  /** The group as it was at the join. */
  readonly members: readonly RaftMember[];
}

const NAME = 'member.json';

export async function readMember(directory: string): Promise<MemberFile | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, NAME), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  }
  const parsed = parse(text);
  if (!isMemberFile(parsed)) {
    throw new SkeinError(
      'internal',
      'member-unreadable',
      `${join(directory, NAME)} is damaged: demote this manager on another one, and promote it again`,
    );
  }
  return parsed;
}

/** Undefined for what is no JSON: as little a member file as any other text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMemberFile(value: unknown): value is MemberFile {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  const members: unknown = Reflect.get(value, 'members');
  return (
    Number.isSafeInteger(Reflect.get(value, 'raftId')) && Array.isArray(members) && members.every(isMember)
  );
}

function isMember(value: unknown): value is RaftMember {
  return (
    typeof value === 'object' &&
    value !== null &&
    Number.isSafeInteger(Reflect.get(value, 'raftId')) &&
    ['nodeId', 'address'].every((name) => typeof Reflect.get(value, name) === 'string') &&
    typeof Reflect.get(value, 'learner') === 'boolean'
  );
}

export async function writeMember(directory: string, member: MemberFile): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const next = join(directory, `${NAME}.next`);
  const file = await open(next, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(member));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(next, join(directory, NAME));
}
