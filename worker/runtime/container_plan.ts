// Gathers what a container is made of into its plan: the spec, the image's defaults and where it is attached. The
// same for tasks and for plain containers. Pure.
import type { LogDriver } from '../../shared/model/cluster.ts';
import type { ContainerSpec } from '../../shared/model/container.ts';
import type { Id } from '../../shared/model/meta.ts';
import type { ResourceRequirements } from '../../shared/model/resources.ts';
import type { ImageConfig } from '../image/api.ts';
import type { Sandbox } from '../network/api.ts';
import type { ContainerPlan, FilePayload, HostMount } from './api.ts';

/** As many characters of the id as Docker shows of a container's, and calls it by. */
const SHORT_ID_LENGTH = 12;

export interface PlanParts {
  readonly id: Id;
  readonly hostname: string;
  readonly spec: ContainerSpec;
  readonly image: ImageConfig;
  readonly lowerDirs: readonly string[];
  readonly sandbox: Sandbox;
  readonly mounts: readonly HostMount[];
  readonly secrets: readonly FilePayload[];
  readonly configs: readonly FilePayload[];
  readonly resources: ResourceRequirements | undefined;
  readonly logDriver: LogDriver | undefined;
}

export function planOf({ sandbox, ...parts }: PlanParts): ContainerPlan {
  // The network plane has set the network's sysctls already, in the container's own namespace.
  const sysctls = Object.fromEntries(
    Object.entries(parts.spec.sysctls).filter(([name]) => !name.startsWith('net.')),
  );
  return {
    ...parts,
    spec: { ...parts.spec, sysctls },
    netnsPath: sandbox.netnsPath,
    resolvConf: sandbox.resolvConf,
    hostsLines: sandbox.hostsLines,
    ...(sandbox.keep !== undefined && { keep: sandbox.keep }),
  };
}

/** What the network plane sets, in the container's namespace. */
export function netSysctls({ sysctls }: ContainerSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(sysctls).filter(([name]) => name.startsWith('net.')));
}

export function shortId(id: Id): string {
  return id.slice(0, SHORT_ID_LENGTH);
}
