// Tasks as service ps and node ps show them: by name, newest first, older runs of a slot indented below it.
import type { Task } from '../client/types.ts';
import type { Context } from '../context.ts';
import { printList, type ListOptions, type RowFields } from '../format/list.ts';
import { familiarImage, taskPorts } from '../format/ports.ts';
import { ago, naturalOrder, shortId, truncateText } from '../format/units.ts';
import { Names } from './names.ts';

const COLUMNS = {
  headers: {
    ID: 'ID',
    Name: 'NAME',
    Image: 'IMAGE',
    Node: 'NODE',
    DesiredState: 'DESIRED STATE',
    CurrentState: 'CURRENT STATE',
    Error: 'ERROR',
    Ports: 'PORTS',
  },
  table: ['ID', 'Name', 'Image', 'Node', 'DesiredState', 'CurrentState', 'Error', 'Ports'],
  quiet: 'ID',
};
/** Docker's width of the error column. */
const ERROR_COLUMNS = 30;

export interface TaskListOptions extends ListOptions {
  readonly noResolve: boolean;
  readonly noTrunc: boolean;
}

export async function printTasks(
  { api, stdout, now }: Context,
  tasks: readonly Task[],
  options: TaskListOptions,
): Promise<void> {
  const names = new Names(api, options);
  const named = await Promise.all(
    tasks.map(async (task) => ({
      task,
      name: await taskName(task, names),
      node: await names.node(task.NodeID ?? ''),
    })),
  );
  named.sort(
    (a, b) => naturalOrder(a.name, b.name) || (b.task.CreatedAt ?? '').localeCompare(a.task.CreatedAt ?? ''),
  );
  const isTable = !options.quiet && (options.format ?? 'table').startsWith('table');
  const rows = named.map(({ task, name, node }, index): RowFields => {
    const isOlder = isTable && named[index - 1]?.name === name;
    return {
      ...taskRow(task, isOlder ? ` \\_ ${name}` : name, node, options.noTrunc, now()),
      // Scripts feed what -q prints to other commands: whole ids, as docker prints them there.
      ...(options.quiet && { ID: task.ID }),
    };
  });
  printList(stdout, COLUMNS, options, rows);
}

async function taskName(task: Task, names: Names): Promise<string> {
  const service = await names.service(task.ServiceID);
  return `${service}.${(task.Slot ?? 0) > 0 ? task.Slot : task.NodeID}`;
}

function taskRow(task: Task, name: string, node: string, noTrunc: boolean, now: number): RowFields {
  const { Status: status } = task;
  const image = task.Spec.ContainerSpec.Image;
  const error = status.Err ?? '';
  const when = ago(status.Timestamp, now).toLowerCase();
  return {
    ID: noTrunc ? task.ID : shortId(task.ID),
    Name: name,
    Image: noTrunc ? image : familiarImage(image),
    Node: node,
    DesiredState: capital(task.DesiredState),
    CurrentState: `${capital(status.State)} ${when}`,
    Error: error === '' ? '' : `"${noTrunc ? error : truncateText(error, ERROR_COLUMNS)}"`,
    Ports: taskPorts(status.PortStatus?.Ports),
  };
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
