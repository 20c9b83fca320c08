// For tests: a cluster's root and identities below it, with every knob that a refused certificate needs.
import { createKey, createRequest } from '../keys.ts';
import type { Identity } from '../identity.ts';
import { type RootPair, createRoot, signNodeCertificate } from '../signing.ts';
import { newId } from '../../ids.ts';
import type { NodeRole } from '../../model/node.ts';
import { systemRandom } from '../../random.ts';

const DAY_MS = 24 * 60 * 60_000;

export interface TestCluster {
  readonly clusterId: string;
  readonly root: RootPair;
  identity(
    role: NodeRole,
    overrides?: { issuedAt?: number; lifeMs?: number; clusterId?: string },
  ): Promise<Identity>;
}

export async function testCluster(clusterId = newId(systemRandom)): Promise<TestCluster> {
  const root = await createRoot(Date.now(), systemRandom);
  return {
    clusterId,
    root,
    async identity(role, overrides = {}) {
      const keyPem = await createKey();
      const nodeId = newId(systemRandom);
      const parameters = {
        nodeId,
        role,
        clusterId: overrides.clusterId ?? clusterId,
        now: overrides.issuedAt ?? Date.now(),
        lifeMs: overrides.lifeMs ?? 90 * DAY_MS,
      };
      const signed = await signNodeCertificate(root, await createRequest(keyPem), parameters, systemRandom);
      return {
        nodeId,
        clusterId: parameters.clusterId,
        role,
        certificateChainPem: signed.certificatePem,
        keyPem,
        rootPem: root.certPem,
      };
    },
  };
}
