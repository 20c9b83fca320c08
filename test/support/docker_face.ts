// One docker command and the Engine REST face in this process, on a socket that both know: what the command
// sends is understood, and what it prints is right. Nothing runs a container here.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { type ApiBed, apiBed } from './api_bed.ts';
import { Docker, type DockerClient } from './docker_client.ts';
import { node } from './objects.ts';

export interface DockerFace {
  readonly docker: Docker;
  readonly bed: ApiBed;
  /** For files; goes with the tests. */
  readonly directory: string;
}

/** Registers the hooks that raise and end a face around the tests of a block: this node leads, `worker1` is down. */
export function useDockerFace(client: DockerClient): DockerFace {
  let raised: DockerFace | undefined;
  const face = (): DockerFace => {
    if (raised === undefined) {
      throw new Error('the face is there within tests only');
    }
    return raised;
  };
  beforeAll(async () => {
    const bed = await apiBed((tx) => {
      tx.create('node', node({ id: 'worker1', status: { state: 'down', message: '', address: '' } }));
    });
    const directory = mkdtempSync(join(tmpdir(), 'skt-compat-'));
    const socket = join(directory, 'api.sock');
    await bed.app.listen({ path: socket });
    raised = { docker: new Docker(client, socket), bed, directory };
  });
  afterAll(async () => {
    const { docker, bed, directory } = face();
    docker.close();
    await bed.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return {
    get docker() {
      return face().docker;
    },
    get bed() {
      return face().bed;
    },
    get directory() {
      return face().directory;
    },
  };
}

/** The cells of a printed table, row by row. */
export function table(printed: string): string[][] {
  return printed.split('\n').map((line) => line.trim().split(/\s{2,}/));
}
