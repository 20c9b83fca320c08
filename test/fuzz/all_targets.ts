// Every target there is.
import type { FuzzTarget } from './target.ts';
import { diskTargets } from './targets/disk.ts';
import { identityTargets } from './targets/identity.ts';
import { registryTarget } from './targets/registry.ts';
import { restTarget } from './targets/rest.ts';
import { wireTargets } from './targets/wire.ts';
import { workerTargets } from './targets/worker.ts';

export async function allTargets(): Promise<readonly FuzzTarget[]> {
  return [
    ...diskTargets(),
    ...identityTargets(),
    restTarget(),
    registryTarget(),
    ...workerTargets(),
    ...(await wireTargets()),
  ];
}
