// The text that tells how another host joins: the command with token and address, ready to paste.
import type { Info, Swarm } from '../client/types.ts';

export function joinInstructions(role: 'worker' | 'manager', swarm: Swarm, info: Info): string {
  const token = role === 'worker' ? swarm.JoinTokens.Worker : swarm.JoinTokens.Manager;
  return (
    `To add a ${role} to this swarm, run the following command:\n\n` +
    `    skein swarm join --token ${token} ${managerAddress(info)}\n\n`
  );
}

/** This node's own address among the managers', or any manager's. */
export function managerAddress({ Swarm: swarm }: Info): string {
  const managers = swarm?.RemoteManagers ?? [];
  const own = managers.find((manager) => manager.NodeID === swarm?.NodeID) ?? managers[0];
  return own?.Addr ?? `${swarm?.NodeAddr ?? 'ADDRESS'}:2377`;
}

export function unlockInstructions(key: string): string {
  return [
    'To unlock a swarm manager after it restarts, run the `skein swarm unlock`',
    'command and provide the following key:',
    '',
    `    ${key}`,
    '',
    'Remember to store this key in a password manager, since without it you',
    'will not be able to restart the manager.',
    '',
  ].join('\n');
}
