// All commands by name, each with the import that loads it: nothing of a command is read before it is asked for.
import type { Command } from './command.ts';

export interface Leaf {
  readonly summary: string;
  readonly aliases: readonly string[];
  readonly load: () => Promise<Command>;
}

export interface Group {
  readonly summary: string;
  readonly entries: Readonly<Record<string, Entry>>;
}

export type Entry = Leaf | Group;

export function isGroup(entry: Entry): entry is Group {
  return 'entries' in entry;
}

function leaf(
  summary: string,
  load: () => Promise<{ readonly command: Command }>,
  ...aliases: readonly string[]
): Leaf {
  return { summary, aliases, load: async () => (await load()).command };
}

const SWARM: Group = {
  summary: 'Manage Swarm',
  entries: {
    backup: leaf('Back the swarm up into a sealed file', () => import('./swarm/backup.ts')),
    ca: leaf('Display and rotate the root CA', () => import('./swarm/ca.ts')),
    init: leaf('Initialize a swarm', () => import('./swarm/init.ts')),
    join: leaf('Join a swarm as a node and/or manager', () => import('./swarm/join.ts')),
    'join-token': leaf('Manage join tokens', () => import('./swarm/join_token.ts')),
    leave: leaf('Leave the swarm', () => import('./swarm/leave.ts')),
    restore: leaf('Make the swarm of a backup run on this host', () => import('./swarm/restore.ts')),
    unlock: leaf('Unlock swarm', () => import('./swarm/unlock.ts')),
    'unlock-key': leaf('Manage the unlock key', () => import('./swarm/unlock_key.ts')),
    update: leaf('Update the swarm', () => import('./swarm/update.ts')),
  },
};

const NODE: Group = {
  summary: 'Manage Swarm nodes',
  entries: {
    demote: leaf('Demote one or more nodes from manager in the swarm', () => import('./node/demote.ts')),
    inspect: leaf('Display detailed information on one or more nodes', () => import('./node/inspect.ts')),
    ls: leaf('List nodes in the swarm', () => import('./node/ls.ts'), 'list'),
    promote: leaf('Promote one or more nodes to manager in the swarm', () => import('./node/promote.ts')),
    ps: leaf(
      'List tasks running on one or more nodes, defaults to current node',
      () => import('./node/ps.ts'),
    ),
    rm: leaf('Remove one or more nodes from the swarm', () => import('./node/rm.ts'), 'remove'),
    update: leaf('Update a node', () => import('./node/update.ts')),
  },
};

const SERVICE: Group = {
  summary: 'Manage Swarm services',
  entries: {
    create: leaf('Create a new service', () => import('./service/create.ts')),
    inspect: leaf(
      'Display detailed information on one or more services',
      () => import('./service/inspect.ts'),
    ),
    logs: leaf('Fetch the logs of a service or task', () => import('./service/logs.ts')),
    ls: leaf('List services', () => import('./service/ls.ts'), 'list'),
    ps: leaf('List the tasks of one or more services', () => import('./service/ps.ts')),
    rm: leaf('Remove one or more services', () => import('./service/rm.ts'), 'remove'),
    rollback: leaf("Revert changes to a service's configuration", () => import('./service/rollback.ts')),
    scale: leaf('Scale one or multiple replicated services', () => import('./service/scale.ts')),
    update: leaf('Update a service', () => import('./service/update.ts')),
  },
};

const TASK: Group = {
  summary: 'Manage Swarm tasks',
  entries: {
    inspect: leaf('Display detailed information on one or more tasks', () => import('./task/inspect.ts')),
  },
};

const NETWORK: Group = {
  summary: 'Manage networks',
  entries: {
    check: leaf(
      "Compare this node's networks with their plan, and mend what differs",
      () => import('./network/check.ts'),
    ),
    connect: leaf('Connect a container to a network', () => import('./network/connect.ts')),
    create: leaf('Create a network', () => import('./network/create.ts')),
    disconnect: leaf('Disconnect a container from a network', () => import('./network/disconnect.ts')),
    inspect: leaf(
      'Display detailed information on one or more networks',
      () => import('./network/inspect.ts'),
    ),
    ls: leaf('List networks', () => import('./network/ls.ts'), 'list'),
    prune: leaf('Remove all unused networks', () => import('./network/prune.ts')),
    'rotate-keys': leaf(
      'Go on to the next key of encrypted networks',
      () => import('./network/rotate_keys.ts'),
    ),
    rm: leaf('Remove one or more networks', () => import('./network/rm.ts'), 'remove'),
  },
};

const SECRET: Group = {
  summary: 'Manage Swarm secrets',
  entries: {
    create: leaf('Create a secret from a file or STDIN as content', () => import('./secret/create.ts')),
    inspect: leaf('Display detailed information on one or more secrets', () => import('./secret/inspect.ts')),
    ls: leaf('List secrets', () => import('./secret/ls.ts'), 'list'),
    rm: leaf('Remove one or more secrets', () => import('./secret/rm.ts'), 'remove'),
  },
};

const CONFIG: Group = {
  summary: 'Manage Swarm configs',
  entries: {
    create: leaf('Create a config from a file or STDIN', () => import('./config/create.ts')),
    inspect: leaf('Display detailed information on one or more configs', () => import('./config/inspect.ts')),
    ls: leaf('List configs', () => import('./config/ls.ts'), 'list'),
    rm: leaf('Remove one or more configs', () => import('./config/rm.ts'), 'remove'),
  },
};

const history = leaf('Show the history of an image', () => import('./image/history.ts'));
const importArchive = leaf(
  'Import the contents from a tarball to create a filesystem image',
  () => import('./image/import.ts'),
);
const load = leaf('Load an image from a tar archive or STDIN', () => import('./image/load.ts'));
const images = leaf('List images', () => import('./image/ls.ts'));
const pull = leaf('Download an image from a registry', () => import('./image/pull.ts'));
const rmi = leaf('Remove one or more images', () => import('./image/rm.ts'));
const save = leaf(
  'Save one or more images to a tar archive (streamed to STDOUT by default)',
  () => import('./image/save.ts'),
);
const tag = leaf('Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE', () => import('./image/tag.ts'));

const IMAGE: Group = {
  summary: 'Manage images',
  entries: {
    history,
    import: importArchive,
    inspect: leaf('Display detailed information on one or more images', () => import('./image/inspect.ts')),
    load,
    ls: { ...images, aliases: ['list'] },
    pull,
    rm: { ...rmi, aliases: ['remove'] },
    save,
    tag,
  },
};

export const ROOT: Group = {
  summary: 'A Swarm-style cluster orchestrator',
  entries: {
    config: CONFIG,
    image: IMAGE,
    network: NETWORK,
    node: NODE,
    secret: SECRET,
    service: SERVICE,
    swarm: SWARM,
    task: TASK,
    events: leaf('Get real time events from the server', () => import('./system/events.ts')),
    history,
    images,
    import: importArchive,
    info: leaf('Display system-wide information', () => import('./system/info.ts')),
    load,
    pull,
    rmi,
    save,
    tag,
    version: leaf('Show the skein version information', () => import('./system/version.ts')),
  },
};
