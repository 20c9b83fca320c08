// Tasks in the Engine API's JSON.
import type { Id } from '../../../shared/model/meta.ts';
import type { Network } from '../../../shared/model/network.ts';
import type { Task } from '../../../shared/model/task.ts';
import { compact, listOrNothing, mapOrNothing, numberOrNothing, textOrNothing, timestamp } from './fields.ts';
import { writeAttachedNetwork } from './network.ts';
import { writePort, writeTaskSpec } from './service.ts';

export function writeTask(task: Task, networks: ReadonlyMap<Id, Network>): Record<string, unknown> {
  const { status } = task;
  return compact({
    ID: task.id,
    Version: { Index: task.meta.version },
    CreatedAt: timestamp(task.meta.createdAt),
    UpdatedAt: timestamp(task.meta.updatedAt),
    Labels: mapOrNothing(task.labels) ?? {},
    Spec: writeTaskSpec(task.spec),
    ServiceID: task.serviceId,
    Slot: numberOrNothing(task.slot),
    NodeID: textOrNothing(task.nodeId),
    Status: compact({
      Timestamp: timestamp(status.timestamp),
      State: status.state,
      Message: textOrNothing(status.message),
      Err: textOrNothing(status.error),
      ContainerStatus: status.container && {
        ContainerID: status.container.containerId,
        PID: status.container.pid,
        ExitCode: status.container.exitCode,
      },
      PortStatus: compact({ Ports: listOrNothing(status.ports.map(writePort)) }),
    }),
    DesiredState: task.desiredState,
    NetworksAttachments: listOrNothing(
      task.networks.flatMap((attachment) => {
        const network = networks.get(attachment.networkId);
        return network === undefined
          ? []
          : [{ Network: writeAttachedNetwork(network), Addresses: attachment.addresses }];
      }),
    ),
  });
}
