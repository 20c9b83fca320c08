// skein service create: flags to a ServiceSpec, names to ids, the image to a digest; then the wait.
import { registryAuthFor } from '../client/registry_auth.ts';
import { defineCommand } from '../command.ts';
import { readEnvironmentFile } from '../opts/pairs.ts';
import { waitForService } from '../progress/wait.ts';
import { CREATE_FLAGS } from './create_flags.ts';
import { buildSpec } from './create_spec.ts';
import { pinImage, resolveFiles, resolveNetworks } from './resolve.ts';

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
