// Turns the USER of an image or service (`name`, `uid`, `name:group`, `uid:gid`) into numbers by the
// image's own /etc/passwd and /etc/group. Pure: the files' text comes in as arguments.
import { badSpec } from './errors.ts';
import type { OciUser } from './oci.ts';

/** Largest uid or gid the kernel takes from user space here; -1 is reserved. */
const ID_MAX = 2 ** 31 - 1;

export interface ResolvedUser extends OciUser {
  readonly additionalGids: readonly number[];
  /** Home directory of passwd, `/` when unknown. */
  readonly home: string;
}

interface PasswdEntry {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

interface GroupEntry {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/**
 * @param user empty means root
 * @param groups supplementary groups of the spec, names or numbers
 * @throws SkeinError `bad-container-spec`: "unable to find user …", as Docker says
 */
export function resolveUser(
  user: string,
  groups: readonly string[],
  passwdText: string,
  groupText: string,
): ResolvedUser {
  const passwd = parsePasswd(passwdText);
  const group = parseGroup(groupText);
  const [userPart = '', groupPart = ''] = user.split(':', 2);
  const account = findAccount(userPart === '' ? '0' : userPart, passwd);
  const gid = groupPart === '' ? account.gid : findGroup(groupPart, group);
  const extra = new Set<number>();
  if (groupPart === '' && account.name !== '') {
    for (const entry of group) {
      if (entry.members.includes(account.name)) {
        extra.add(entry.gid);
      }
    }
  }
  for (const name of groups) {
    extra.add(findGroup(name, group));
  }
  // Docker names the primary group among the supplementary ones, so that no negative group permission is lost.
  return { uid: account.uid, gid, additionalGids: [...new Set([gid, ...extra])], home: account.home };
}

function findAccount(text: string, passwd: readonly PasswdEntry[]): PasswdEntry {
  const named = passwd.find((entry) => entry.name === text);
  if (named !== undefined) {
    return named;
  }
  const uid = parseId(text);
  if (uid === undefined) {
    throw badSpec(`unable to find user ${text}: no matching entries in passwd file`);
  }
  return passwd.find((entry) => entry.uid === uid) ?? { name: '', uid, gid: 0, home: '/' };
}

function findGroup(text: string, groups: readonly GroupEntry[]): number {
  const gid = groups.find((entry) => entry.name === text)?.gid ?? parseId(text);
  if (gid === undefined) {
    throw badSpec(`unable to find group ${text}: no matching entries in group file`);
  }
  return gid;
}

function parsePasswd(text: string): readonly PasswdEntry[] {
  return lines(text).flatMap((fields) => {
    const [name = '', , uidText = '', gidText = '', , home = ''] = fields;
    const uid = parseId(uidText);
    const gid = parseId(gidText);
    return uid === undefined || gid === undefined ? [] : [{ name, uid, gid, home: home === '' ? '/' : home }];
  });
}

function parseGroup(text: string): readonly GroupEntry[] {
  return lines(text).flatMap((fields) => {
    const [name = '', , gidText = '', members = ''] = fields;
    const gid = parseId(gidText);
    return gid === undefined ? [] : [{ name, gid, members: members.split(',').filter((m) => m !== '') }];
  });
}

function lines(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
}

function parseId(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) {
    return undefined;
  }
  const value = Number(text);
  return value <= ID_MAX ? value : undefined;
}
