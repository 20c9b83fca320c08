// The way from the daemon to its own manager process: the unix socket, and the services behind it.
import type { Clock } from '../../shared/clock.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import { client } from '../../shared/rpc/client.ts';
import { RpcConnection } from '../../shared/rpc/connection.ts';
import { backupMethods } from '../../shared/wire/methods/backup.ts';
import { controlMethods } from '../../shared/wire/methods/control.ts';
import { logMethods } from '../../shared/wire/methods/logs.ts';
import { managerMethods } from '../../shared/wire/methods/manager.ts';
import { raftMembershipMethods } from '../../shared/wire/methods/raft_membership.ts';
import type { LocalManager } from './manager_supervisor.ts';

export function connectLocalManager(clock: Clock, socket: string): LocalManager {
  const connection = new RpcConnection({ clock }, { target: { kind: 'unix', path: socket } });
  const manager = client(managerMethods, connection);
  return {
    control: client(controlMethods, connection),
    logs: client(logMethods, connection),
    backup: client(backupMethods, connection),
    membership: client(raftMembershipMethods, connection),
    getState: (context) => manager.getState(context),
    close: () => connection.close(),
  };
}

/** A call of the daemon's own that must not wait longer than this. */
export function localContext(timeoutMs: number): CallContext {
  return { peer: { kind: 'local' }, signal: AbortSignal.timeout(timeoutMs) };
}
