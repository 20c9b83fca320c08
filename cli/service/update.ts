// skein service update: reads the service, changes its spec by the flags, writes it back, and waits.
import { registryAuthFor } from '../client/registry_auth.ts';
import type { Service } from '../client/types.ts';
import { defineCommand } from '../command.ts';
import { UsageError } from '../errors.ts';
import { waitForService } from '../progress/wait.ts';
import { pinImage, resolveFiles, resolveNetworks } from './resolve.ts';
import { UPDATE_FLAGS } from './update_flags.ts';
import { updateSpec } from './update_spec.ts';

/** Flags that say how to update, not what. */
const MANNER_FLAGS: readonly string[] = ['detach', 'quiet', 'with-registry-auth', 'no-resolve-image'];

export const command = defineCommand({
  usage: 'service update [OPTIONS] SERVICE',
  summary: 'Update a service',
  examples: [
    ['service update --image web:2 web', 'roll out a new image, one task at a time'],
    ['service update --env-add V=2 --limit-memory 256m web', 'change what its tasks get'],
    ['service update --force web', 'replace every task, though nothing changes'],
    ['service update --rollback web', 'go back to what ran before the last update'],
  ],
  flags: UPDATE_FLAGS,
  args: { min: 1, max: 1 },
  async run(context, { flags, args: [ref = ''], changed }) {
    const { api, env, stdout, stderr } = context;
    if (flags.rollback && Object.keys(UPDATE_FLAGS).some((name) => isOtherChange(name) && changed(name))) {
      throw new UsageError('other flags may not be combined with --rollback');
    }
    const service = await api.get<Service>(`/services/${encodeURIComponent(ref)}`);
    const body = flags.rollback ? service.Spec : await newSpec();
    const image = flags.image ?? service.Spec.TaskTemplate.ContainerSpec.Image;
    const auth = flags['with-registry-auth'] ? await registryAuthFor(image, env) : undefined;
    const answer = await api.post<{ readonly Warnings?: readonly string[] | null } | undefined>(
      `/services/${service.ID}/update`,
      {
        query: {
          version: service.Version.Index,
          rollback: flags.rollback ? 'previous' : undefined,
          registryAuthFrom: auth === undefined ? (flags.rollback ? 'previous-spec' : 'spec') : undefined,
        },
        body,
        ...(auth !== undefined && { headers: { 'x-registry-auth': auth } }),
      },
    );
    for (const warning of answer?.Warnings ?? []) {
      stderr.write(`${warning}\n`);
    }
    stdout.write(`${ref}\n`);
    return flags.detach
      ? 0
      : waitForService(context, service.ID, { quiet: flags.quiet, rollbackAsked: flags.rollback });

    async function newSpec(): Promise<unknown> {
      const [networksAdded, networksRemoved, secretsAdded, configsAdded] = await Promise.all([
        resolveNetworks(api, flags['network-add']),
        resolveNetworks(
          api,
          flags['network-rm'].map((name) => ({ Target: name })),
        ),
        resolveFiles(api, 'secret', flags['secret-add']),
        resolveFiles(api, 'config', flags['config-add']),
      ]);
      const pinned =
        flags.image === undefined
          ? undefined
          : flags['no-resolve-image']
            ? { image: flags.image, platforms: undefined }
            : await pinImage(api, flags.image, env, stderr);
      return updateSpec(service.Spec, flags, changed, {
        image: pinned,
        networksAdded,
        networksRemoved: networksRemoved.map((network) => network.Target),
        secretsAdded,
        configsAdded,
        env,
      });
    }
  },
});

function isOtherChange(name: string): name is keyof typeof UPDATE_FLAGS {
  return name !== 'rollback' && !MANNER_FLAGS.includes(name);
}
