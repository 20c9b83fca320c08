// Names that the API wants as ids: networks, secrets and configs; and images, pinned to a digest.
import { ApiError, type Client } from '../client/client.ts';
import { registryAuthFor } from '../client/registry_auth.ts';
import type { DataObject, Distribution, Image, Network, NetworkAttachment } from '../client/types.ts';
import type { Output } from '../context.ts';
import { CliError } from '../errors.ts';
import { imagePath } from '../image/reference.ts';
import type { FileTarget } from '../opts/file_reference.ts';
import type { Json } from './scalars.ts';

export async function resolveNetworks(
  api: Client,
  wanted: readonly NetworkAttachment[],
): Promise<NetworkAttachment[]> {
  return Promise.all(
    wanted.map(async (attachment) => {
      const network = await api.get<Network>(`/networks/${encodeURIComponent(attachment.Target)}`, {
        query: { scope: 'swarm' },
      });
      return { ...attachment, Target: network.Id };
    }),
  );
}

/** @throws CliError naming the objects that do not exist */
export async function resolveFiles(
  api: Client,
  kind: 'secret' | 'config',
  wanted: readonly FileTarget[],
): Promise<Json[]> {
  if (wanted.length === 0) {
    return [];
  }
  const names = [...new Set(wanted.map((file) => file.source))];
  const found = await api.get<readonly DataObject[]>(`/${kind}s`, { filters: { name: names } });
  const byName = new Map(found.map((object) => [object.Spec.Name, object.ID]));
  const idKey = kind === 'secret' ? 'SecretID' : 'ConfigID';
  const nameKey = kind === 'secret' ? 'SecretName' : 'ConfigName';
  return wanted.map((file) => {
    const id = byName.get(file.source);
    if (id === undefined) {
      throw new CliError(`${kind} not found: ${file.source}`);
    }
    return {
      File: { Name: file.target, UID: file.uid, GID: file.gid, Mode: file.mode },
      [idKey]: id,
      [nameKey]: file.source,
    };
  });
}

export interface PinnedImage {
  readonly image: string;
  readonly platforms: readonly { readonly Architecture: string; readonly OS: string }[] | undefined;
}

/**
 * The image with the digest its tag has in the registry, as docker pins it, so that every node runs the same.
 * An image that this host holds and that never came from a registry stays as it is.
 */
export async function pinImage(
  api: Client,
  reference: string,
  env: Readonly<Record<string, string | undefined>>,
  stderr: Output,
): Promise<PinnedImage> {
  const unpinned = { image: reference, platforms: undefined };
  if (/@sha256:/.test(reference) || /^[0-9a-f]{64}$/.test(reference)) {
    return unpinned;
  }
  const local = await findLocal(api, reference);
  if (local !== undefined && (local.RepoDigests ?? []).length === 0) {
    return unpinned;
  }
  const auth = await registryAuthFor(reference, env);
  try {
    const { Descriptor, Platforms } = await api.get<Distribution>(
      `/distribution/${imagePath(reference)}/json`,
      {
        ...(auth !== undefined && { headers: { 'x-registry-auth': auth } }),
      },
    );
    return {
      image: withDigest(reference, Descriptor.digest),
      platforms: Platforms?.map((platform) => ({
        Architecture: platform.architecture ?? '',
        OS: platform.os ?? '',
      })),
    };
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error;
    }
    if (local === undefined) {
      stderr.write(
        `image ${withTag(reference)} could not be accessed on a registry to record\nits digest. Each node will access ${withTag(reference)} independently,\npossibly leading to different nodes running different\nversions of the image.\n\n`,
      );
    }
    return unpinned;
  }
}

async function findLocal(api: Client, reference: string): Promise<Image | undefined> {
  try {
    return await api.get<Image>(`/images/${imagePath(reference)}/json`);
  } catch (error) {
    if (error instanceof ApiError) {
      return undefined;
    }
    throw error;
  }
}

function withTag(reference: string): string {
  return /:[^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

function withDigest(reference: string, digest: string): string {
  return `${withTag(reference)}@${digest}`;
}
