import { expect, it } from 'vitest';
import { status } from '../test/support/dispatcher_agent.ts';
import { task } from '../test/support/objects.ts';
import type { ContainerRuntime } from '../worker/runtime/runtime.ts';
import { containerFilter } from './api/container_filter.ts';
import { TaskContainers } from './task_containers.ts';

/** A runtime that has the containers of `running` and `ended`, and knows of no other. */
const runtime: Pick<ContainerRuntime, 'get'> = {
  get: (id) => {
    const info = { id, startedAt: 5, stopSignal: 'SIGTERM', cleaned: false } as const;
    const exit = { code: 3, oomKilled: false, error: '', at: 9 };
    return id === 'running1'
      ? { ...info, phase: 'running', pid: 42 }
      : id === 'ended1'
        ? { ...info, phase: 'exited', pid: 0, exit }
        : undefined;
  },
};

const containers = new TaskContainers({
  runtime: runtime as ContainerRuntime,
  images: { find: () => undefined },
  tasks: () => ['running1', 'ended1', 'elsewhere'].map((id) => task({ id, status: status('running') })),
});

it('tasks’ containers are told as others are, under the tasks’ names', () => {
  expect(containers.list()).toMatchObject([
    { record: { id: 'running1', name: 'web.1.running1' }, status: 'running', pid: 42 },
    { record: { id: 'ended1', exitCode: 3, finishedAt: 9 }, status: 'exited', pid: 0 },
  ]);
  expect(containers.find('web.1.ended1')?.record.id).toBe('ended1');
  expect(containers.find('run')?.record.id).toBe('running1');
  expect(containers.find('')).toBeUndefined();
  expect(containers.find('elsewhere')).toBeUndefined();
});

it('the filter is-task tells them from plain ones', () => {
  const [view] = containers.list();
  const labels = view?.record.config.spec.labels;
  expect(labels).toMatchObject({ 'com.docker.swarm.task.id': 'running1' });
  const plain = view && { ...view, record: { ...view.record, id: 'ab'.repeat(32) } };
  const passing = (wanted: string) =>
    [view, plain].map((one) => one !== undefined && containerFilter({ 'is-task': [wanted] })(one));
  expect([passing('true'), passing('false')]).toEqual([
    [true, false],
    [false, true],
  ]);
});
