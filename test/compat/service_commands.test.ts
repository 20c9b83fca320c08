// What every docker command found here does and prints about services and stacks.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { SELF } from '../support/api_bed.ts';
import { dockerClients, linesOf } from '../support/docker_client.ts';
import { table, useDockerFace } from '../support/docker_face.ts';
import { task, taskSpec } from '../support/objects.ts';

describe.each(dockerClients())('docker $version', (client) => {
  const face = useDockerFace(client);
  const field = (name: string, format: string) =>
    face.docker.ok(['service', 'inspect', name, '--format', format]);
  const serviceId = (name: string) => field(name, '{{.ID}}');

  describe('services', () => {
    it('one with many flags is created and shows them', async () => {
      await face.docker.ok(['network', 'create', '--driver', 'overlay', 'front']);
      await face.docker.ok(['secret', 'create', 'key', '-'], 'k');
      await face.docker.ok(['config', 'create', 'site', '-'], 'c');
      await face.docker.ok([
        ...['service', 'create', '--detach', '--no-resolve-image', '--name', 'web', '--replicas', '3'],
        ...['--publish', '8080:80', '--publish', 'published=9090,target=90,mode=host,protocol=udp'],
        ...['--network', 'front', '--secret', 'key', '--config', 'source=site,target=/etc/site,mode=0440'],
        ...['--env', 'A=1', '--label', 'l=1', '--container-label', 'c=1', '--hostname', '{{.Task.Name}}'],
        ...['--mount', 'type=volume,source=data,target=/data,readonly', '--mount', 'type=tmpfs,target=/run'],
        ...['--limit-cpu', '0.5', '--limit-memory', '64M', '--reserve-memory', '16M', '--limit-pids', '50'],
        ...['--constraint', 'node.role==manager', '--placement-pref', 'spread=node.labels.zone'],
        ...[
          '--replicas-max-per-node',
          '3',
          '--restart-condition',
          'on-failure',
          '--restart-max-attempts',
          '4',
        ],
        ...['--update-delay', '1s', '--update-parallelism', '2', '--update-order', 'start-first'],
        ...[
          '--health-cmd',
          'true',
          '--health-interval',
          '5s',
          '--stop-grace-period',
          '3s',
          '--stop-signal',
          'INT',
        ],
        ...['--user', '1000', '--workdir', '/srv', '--init', '--read-only', '--cap-add', 'NET_ADMIN'],
        ...[
          '--ulimit',
          'nofile=100:200',
          '--sysctl',
          'net.core.somaxconn=64',
          '--dns',
          '10.0.0.53',
          '--host',
          'db:10.0.0.9',
        ],
        ...['--log-driver', 'json-file', '--log-opt', 'max-size=1m', 'web:1', 'httpd', '-f'],
      ]);
      const printed = await face.docker.ok(['service', 'inspect', '--pretty', 'web']);
      for (const pattern of [
        /Name:\s+web/,
        /Replicas:\s+3/,
        /Constraints:\s+\[node\.role==manager\]/,
        /Max Replicas Per Node:\s+3/,
        /Parallelism:\s+2/,
        /Update order:\s+start-first/,
        /Image:\s+web:1/,
        /Args:\s+httpd -f/,
        /Target:\s+\/data/,
        /Memory:\s+64MiB/,
        /Networks:\s+front/,
        /Healthcheck:\n {2}Interval = 5s/,
      ]) {
        expect(printed).toMatch(pattern);
      }
      expect(await field('web', '{{(index .Spec.TaskTemplate.ContainerSpec.Secrets 0).SecretName}}')).toBe(
        'key',
      );
      expect(await field('web', '{{json .Spec.TaskTemplate.ContainerSpec.Ulimits}}')).toBe(
        '[{"Name":"nofile","Hard":200,"Soft":100}]',
      );
    });

    it('ls and ps tell how it stands', async () => {
      const id = await serviceId('web');
      await face.bed.store.update((tx) => {
        tx.create(
          'task',
          task({
            id: `one${client.version}`,
            serviceId: id,
            slot: 1,
            nodeId: SELF,
            spec: taskSpec(),
            status: {
              state: 'running',
              timestamp: Date.now(),
              message: 'started',
              error: '',
              ports: [],
              container: { containerId: 'c1', pid: 7, exitCode: 0 },
            },
          }),
        );
        tx.create(
          'task',
          task({
            id: `two${client.version}`,
            serviceId: id,
            slot: 2,
            status: {
              state: 'pending',
              timestamp: Date.now(),
              message: 'pending',
              error: 'no suitable node (insufficient memory on 1 node)',
              ports: [],
            },
          }),
        );
      });
      expect(table(await face.docker.ok(['service', 'ls']))).toEqual([
        ['ID', 'NAME', 'MODE', 'REPLICAS', 'IMAGE', 'PORTS'],
        [id.slice(0, 12), 'web', 'replicated', '1/3 (max 3 per node)', 'web:1'],
      ]);
      const tasks = table(await face.docker.ok(['service', 'ps', '--no-trunc', 'web']));
      expect(tasks[1]?.slice(1, 5)).toEqual(['web.1', 'busybox:1.36', 'h1', 'Running']);
      expect(tasks[2]?.at(-1)).toBe('"no suitable node (insufficient memory on 1 node)"');
      expect(table(await face.docker.ok(['node', 'ps', 'self']))[1]?.[1]).toBe('web.1');
      expect(
        await face.docker.ok([
          'inspect',
          '--type',
          'task',
          `one${client.version}`,
          '--format',
          '{{.Status.State}} {{.Status.ContainerStatus.PID}}',
        ]),
      ).toBe('running 7');
      expect(await face.docker.ok(['inspect', 'web', '--format', '{{.Spec.Name}}'])).toBe('web');
    });

    it('update, scale, rollback', async () => {
      await face.docker.ok([
        'service',
        'update',
        '--detach',
        '--no-resolve-image',
        '--image',
        'web:2',
        '--env-add',
        'B=2',
        '--publish-rm',
        '80',
        'web',
      ]);
      expect(
        await field(
          'web',
          '{{.Spec.TaskTemplate.ContainerSpec.Image}} {{.PreviousSpec.TaskTemplate.ContainerSpec.Image}}',
        ),
      ).toBe('web:2 web:1');
      // The command of 20.10 keeps the environment in a map, whose order changes from run to run.
      const env = JSON.parse(await field('web', '{{json .Spec.TaskTemplate.ContainerSpec.Env}}'));
      expect(env.sort()).toEqual(['A=1', 'B=2']);
      await face.docker.ok(['service', 'scale', '--detach', 'web=5']);
      expect(await field('web', '{{.Spec.Mode.Replicated.Replicas}}')).toBe('5');
      await face.docker.ok(['service', 'rollback', '--detach', 'web']);
      expect(await field('web', '{{.Spec.Mode.Replicated.Replicas}}')).toBe('3');
      await face.docker.ok(['service', 'update', '--detach', '--force', 'web']);
      expect(await field('web', '{{.Spec.TaskTemplate.ForceUpdate}}')).toBe('1');
      expect(await face.docker.fails(['service', 'scale', 'nowhere=2'])).toMatch(
        /service nowhere not found|no such service: nowhere/i,
      );
    });

    it('one without a name gets one, a global one has no number', async () => {
      const id = await face.docker.ok([
        'service',
        'create',
        '--detach',
        '--no-resolve-image',
        '--mode',
        'global',
        '--quiet',
        'web:1',
      ]);
      expect(await field(id, '{{.Spec.Name}}')).toMatch(/^[a-z]+_[a-z]+$/);
      expect(table(await face.docker.ok(['service', 'ls', '--filter', 'mode=global']))[1]?.[2]).toBe(
        'global',
      );
      expect(await face.docker.ok(['service', 'rm', id])).toBe(id);
    });

    const refused: readonly (readonly [situation: string, args: readonly string[], message: RegExp])[] = [
      ['name taken', ['--name', 'web', 'a'], /name conflicts with an existing object/],
      ['bad name', ['--name', 'no/slash', 'a'], /must be valid as a DNS name component/],
      ['unknown network', ['--network', 'nowhere', 'a'], /network:? nowhere( not found)?/],
      ['bad constraint', ['--constraint', 'node.role ~ x', 'a'], /constraint/i],
      ['port taken', ['--publish', '9090:1/udp', 'a'], /port '9090' is already in use by service 'web'/],
      ['memory below 4 MiB', ['--limit-memory', '1M', 'a'], /4 ?MiB/i],
      ['unknown secret', ['--secret', 'nowhere', 'a'], /secret not found: nowhere/],
      ['a job', ['--mode', 'replicated-job', 'a'], /not implemented: service modes/],
      ['bad image', ['--no-resolve-image', 'UPPER'], /invalid reference|must be lowercase|not a valid/i],
    ];
    it.each(refused)('%s is refused', async (_situation, args, message) => {
      const said = await face.docker.fails(['service', 'create', '--detach', ...args]);
      expect(said).toMatch(message);
    });

    it('an image that no registry tells of is a warning, at once', async () => {
      const began = Date.now();
      const { code, stderr } = await face.docker.run([
        'service',
        'create',
        '--detach',
        '--name',
        'far',
        'nowhere:1',
      ]);
      expect(code).toBe(0);
      expect(stderr).toContain('image nowhere:1 could not be accessed on a registry to record');
      expect(Date.now() - began).toBeLessThan(5_000);
      await face.docker.ok(['service', 'rm', 'far']);
    });

    it('logs follow until the command ends', async () => {
      const id = await serviceId('web');
      const logs = face.docker.start(['service', 'logs', '--follow', '--timestamps', 'web']);
      const lines = linesOf(logs.stdout);
      const arrives = lines.next();
      face.bed.node.logMessages.push({
        nodeId: SELF,
        serviceId: id,
        taskId: `one${client.version}`,
        timestamp: 1_700_000_000_123,
        nanos: 456_789,
        stream: 'stdout',
        data: Buffer.from('GET / 200\n'),
      });
      expect((await arrives).value).toMatch(
        new RegExp(`^2023-11-14T22:13:20.123456789Z web\\.1\\.one${client.version}@h1\\s+\\| GET / 200$`),
      );
      logs.kill();
      await once(logs, 'exit');
      await vi.waitFor(() => expect(face.bed.node.subscriptionsAborted).toBe(1));
    });

    it('rm takes several and says what is not there', async () => {
      const { code, stdout, stderr } = await face.docker.run(['service', 'rm', 'web', 'nowhere']);
      expect([code, stdout.trim()]).toEqual([1, 'web']);
      expect(stderr).toMatch(/service:? nowhere( not found)?/);
    });
  });

  it('a stack of a compose file is deployed, listed and removed', async () => {
    const file = join(face.directory, 'stack.yml');
    writeFileSync(
      file,
      'version: "3.8"\nservices:\n  api:\n    image: api:1\n    ports: ["7070:70"]\n    configs: [c]\n    deploy: {replicas: 2}\nconfigs:\n  c: {file: ./c.txt}\n',
    );
    writeFileSync(join(face.directory, 'c.txt'), 'content');
    const deployed = await face.docker.run([
      'stack',
      'deploy',
      '--resolve-image',
      'never',
      '-c',
      file,
      'shop',
    ]);
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stdout).toMatch(/Creating network shop_default\n(.*\n)*Creating service shop_api/);
    expect(table(await face.docker.ok(['stack', 'services', 'shop']))[1]?.slice(1, 4)).toEqual([
      'shop_api',
      'replicated',
      '0/2',
    ]);
    expect(await face.docker.ok(['stack', 'ls', '--format', '{{.Name}} {{.Services}}'])).toBe('shop 1');
    await face.docker.ok(['stack', 'rm', 'shop']);
    expect(await face.docker.ok(['service', 'ls', '-q'])).toBe('');
  });
});
