// skein service create: flags to a ServiceSpec, names to ids, the image to a digest; then the wait.
import { registryAuthFor } from '../client/registry_auth.ts';
import { defineCommand } from '../command.ts';
import { list, listOf, text } from '../flags/flag.ts';
import { parseFileReference } from '../opts/file_reference.ts';
import { parseMount } from '../opts/mount.ts';
import { parseNetwork } from '../opts/network.ts';
import { readEnvironmentFile } from '../opts/pairs.ts';
import { parsePublish } from '../opts/publish.ts';
import { parseGenericResource, parseHost, parsePreference, parseUlimit } from '../opts/resources.ts';
import { waitForService } from '../progress/wait.ts';
import { buildSpec } from './create_spec.ts';
import { SHARED_FLAGS } from './flags.ts';
import { pinImage, resolveFiles, resolveNetworks } from './resolve.ts';

export const CREATE_FLAGS = {
  ...SHARED_FLAGS,
  'cap-add': list('Add Linux capabilities'),
  'cap-drop': list('Drop Linux capabilities'),
  config: listOf(
    'Specify configurations to expose to the service',
    (value) => parseFileReference(value, (name) => name),
    'config',
  ),
  constraint: list('Placement constraints'),
  'container-label': list('Container labels'),
  dns: list('Set custom DNS servers'),
  'dns-option': list('Set DNS options'),
  'dns-search': list('Set custom DNS search domains'),
  env: list('Set environment variables', 'e'),
  'env-file': list('Read in a file of environment variables'),
  'generic-resource': listOf('User defined resources', parseGenericResource, 'list'),
  group: list('Set one or more supplementary user groups for the container'),
  host: listOf('Set one or more custom host-to-IP mappings (host:ip)', parseHost, 'list'),
  label: list('Service labels', 'l'),
  'log-opt': list('Logging driver options'),
  mode: text('Service mode ("replicated", "global", "replicated-job", "global-job") (default "replicated")'),
  mount: listOf('Attach a filesystem mount to the service', parseMount, 'mount'),
  name: text('Service name'),
  network: listOf('Network attachments', parseNetwork, 'network'),
  'placement-pref': listOf('Add a placement preference', parsePreference, 'pref'),
  publish: listOf('Publish a port as a node port', parsePublish, 'port', 'p'),
  secret: listOf(
    'Specify secrets to expose to the service',
    (value) => parseFileReference(value, (name) => name),
    'secret',
  ),
  sysctl: list('Sysctl options'),
  ulimit: listOf('Ulimit options', parseUlimit, 'ulimit'),
};

export const command = defineCommand({
  usage: 'service create [OPTIONS] IMAGE [COMMAND] [ARG...]',
  summary: 'Create a new service',
  examples: [
    [
      'service create --name web --replicas 3 --publish 8080:80 nginx:alpine',
      'three replicas behind port 8080 of every node',
    ],
    ['service create --mode global --constraint node.role==worker agent:1', 'one task on each worker'],
    [
      'service create --name db --secret source=pw,target=db_pw --mount type=volume,source=data,target=/data db:1',
      'a secret as a file, and a volume',
    ],
  ],
  flags: CREATE_FLAGS,
  args: { min: 1 },
  interspersed: false,
  async run(context, { flags, args, changed }) {
    const { api, env, stdout, stderr } = context;
    const [image = '', ...command] = args;
    const [fileLines, networks, secrets, configs] = await Promise.all([
      Promise.all(flags['env-file'].map(readEnvironmentFile)),
      resolveNetworks(api, flags.network),
      resolveFiles(api, 'secret', flags.secret),
      resolveFiles(api, 'config', flags.config),
    ]);
    const pinned = flags['no-resolve-image']
      ? { image, platforms: undefined }
      : await pinImage(api, image, env, stderr);
    const spec = buildSpec(flags, changed, {
      ...pinned,
      command,
      fileLines: fileLines.flat(),
      networks,
      secrets,
      configs,
      env,
    });
    const auth = flags['with-registry-auth'] ? await registryAuthFor(image, env) : undefined;
    const created = await api.post<{ readonly ID: string; readonly Warnings?: readonly string[] | null }>(
      '/services/create',
      {
        body: spec,
        ...(auth !== undefined && { headers: { 'x-registry-auth': auth } }),
      },
    );
    for (const warning of created.Warnings ?? []) {
      stderr.write(`${warning}\n`);
    }
    stdout.write(`${created.ID}\n`);
    return flags.detach ? 0 : waitForService(context, created.ID, { quiet: flags.quiet });
  },
});
