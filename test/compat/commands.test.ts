// Every docker command found here against the Engine REST face in this process, over a control API and a
// store that are real: what the commands send is understood, and what they print is right. Nothing runs a
// container here; lab.test.ts does.
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type ApiBed, apiBed, SELF } from '../support/api_bed.ts';
import { Docker, dockerClients, linesOf } from '../support/docker_client.ts';
import { node, task, taskSpec } from '../support/objects.ts';

const clients = dockerClients();

it('a docker command is there to test with', () => {
  expect(clients.map(({ version, path }) => `${version} ${path}`)).not.toEqual([]);
});

/** The cells of a printed table, by column. */
function table(printed: string): string[][] {
  return printed.split('\n').map((line) => line.trim().split(/\s{2,}/));
}

async function rootfs(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'etc/motd' }, 'hello');
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) {
    chunks.push(Buffer.from(chunk as Uint8Array));
  }
  return Buffer.concat(chunks);
}

describe.each(clients)('docker $version', (client) => {
  let bed: ApiBed;
  let directory: string;
  let docker: Docker;

  beforeAll(async () => {
    bed = await apiBed((tx) => {
      tx.create('node', node({ id: 'worker1', status: { state: 'down', message: '', address: '' } }));
    });
    directory = mkdtempSync(join(tmpdir(), 'skt-compat-'));
    const socket = join(directory, 'api.sock');
    await bed.app.listen({ path: socket });
    docker = new Docker(client, socket);
  });
  afterAll(async () => {
    docker.close();
    await bed.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const serviceId = (name: string) => docker.ok(['service', 'inspect', name, '--format', '{{.ID}}']);
  const field = (name: string, format: string) => docker.ok(['service', 'inspect', name, '--format', format]);

  describe('the engine', () => {
    it('version', async () => {
      const printed = await docker.ok(['version']);
      expect(printed).toMatch(
        /Server: skein 0\.1\.0\n Engine:\n {2}Version: +0\.1\.0\n {2}API version: +1\.50 \(minimum version 1\.40\)/,
      );
      expect(await docker.ok(['version', '--format', '{{.Server.Os}}/{{.Server.Arch}}'])).toMatch(
        /^linux\/\w+$/,
      );
    });

    it('info', async () => {
      const { code, stdout, stderr } = await docker.run(['info']);
      expect(code).toBe(0);
      expect(stderr).not.toMatch(/panic|WARNING/);
      for (const line of [
        ' Swarm: active',
        `  NodeID: ${SELF}`,
        '  Is Manager: true',
        '  Managers: 1',
        '  Nodes: 2',
        '  Default Address Pool: 10.0.0.0/8  ',
        '  SubnetSize: 24',
        '  Data Path Port: 4789',
        '   Task History Retention Limit: 5',
        '   Heartbeat Period: 5 seconds',
        '   Expiry Duration: 3 months',
        '   10.0.0.1:2377',
        ' Storage Driver: overlay2',
        ' Cgroup Version: 2',
        ' Name: h1',
        '  10.0.0.5:5000',
      ]) {
        expect(stdout.split('\n')).toContain(line);
      }
    });

    it('what skein has not is said by name', async () => {
      expect(await docker.fails(['ps'])).toMatch(/not implemented: GET \/containers\/json/);
      expect(await docker.fails(['volume', 'ls'])).toMatch(/not implemented: GET \/volumes/);
      expect(await docker.fails(['swarm', 'unlock-key'])).toMatch(/not implemented: swarm unlock keys/);
      expect(await docker.fails(['network', 'create', 'local'])).toMatch(
        /not implemented: networks with driver 'bridge'/,
      );
    });
  });

  describe('nodes', () => {
    it('ls marks this node and the leader', async () => {
      expect(table(await docker.ok(['node', 'ls']))).toEqual([
        ['ID', 'HOSTNAME', 'STATUS', 'AVAILABILITY', 'MANAGER STATUS', 'ENGINE VERSION'],
        [`${SELF} *`, 'h1', 'Ready', 'Active', 'Leader', '0.1.0'],
        ['worker1', 'worker1', 'Down', 'Active', '0.1.0'],
      ]);
      expect(await docker.ok(['node', 'ls', '-q', '--filter', 'role=worker'])).toBe('worker1');
    });

    it('inspect, of this node too', async () => {
      const printed = await docker.ok(['node', 'inspect', 'self', '--pretty']);
      expect(printed).toMatch(/Hostname:\s+h1\n/);
      expect(printed).toMatch(/Raft Status:\s+Reachable\n Leader:\s+Yes/);
      expect(printed).toMatch(/Memory:\s+4GiB/);
      expect(printed).toContain('-----BEGIN CERTIFICATE-----');
      expect(await docker.ok(['node', 'inspect', 'worker1', '--format', '{{.Status.State}}'])).toBe('down');
    });

    it('update, promote and what is refused', async () => {
      await docker.ok(['node', 'update', '--label-add', 'zone=east', '--availability', 'drain', 'worker1']);
      expect(
        await docker.ok([
          'node',
          'inspect',
          'worker1',
          '--format',
          '{{.Spec.Availability}} {{.Spec.Labels}}',
        ]),
      ).toBe('drain map[zone:east]');
      expect(await docker.ok(['node', 'promote', 'worker1'])).toBe(
        'Node worker1 promoted to a manager in the swarm.',
      );
      expect(await docker.ok(['node', 'demote', 'worker1'])).toBe('Manager worker1 demoted in the swarm.');
      expect(await docker.fails(['node', 'demote', SELF])).toMatch(/last manager/);
      expect(await docker.fails(['node', 'rm', SELF])).toMatch(/is a cluster manager/);
      expect(await docker.fails(['node', 'inspect', 'nowhere'])).toMatch(
        /no such node: nowhere|node nowhere not found/i,
      );
      expect(await docker.ok(['node', 'rm', 'worker1'])).toBe('worker1');
    });
  });

  describe('networks, secrets and configs', () => {
    it('an overlay network is made, listed, inspected and removed', async () => {
      const id = await docker.ok([
        'network',
        'create',
        '--driver',
        'overlay',
        '--subnet',
        '10.20.0.0/24',
        '--label',
        'a=b',
        '--attachable',
        'back',
      ]);
      expect(id).toMatch(/^[0-9a-z]{25}$/);
      const listed = table(await docker.ok(['network', 'ls', '--filter', 'scope=swarm']));
      expect(listed).toEqual([
        ['NETWORK ID', 'NAME', 'DRIVER', 'SCOPE'],
        [id.slice(0, 12), 'back', 'overlay', 'swarm'],
      ]);
      const names = await docker.ok(['network', 'ls', '--format', '{{.Name}}']);
      expect(names.split('\n').sort()).toEqual(['back', 'host', 'none']);
      expect(
        await docker.ok(['network', 'inspect', 'back', '--format', '{{.Scope}} {{.Attachable}} {{.Labels}}']),
      ).toBe('swarm true map[a:b]');
      expect(await docker.fails(['network', 'create', '--driver', 'overlay', 'back'])).toMatch(
        /network with name back already exists/,
      );
      expect(
        await docker.fails([
          'network',
          'create',
          '--driver',
          'overlay',
          '--subnet',
          '10.20.0.128/25',
          'other',
        ]),
      ).toMatch(/Pool overlaps with other one/);
      expect(await docker.ok(['network', 'rm', 'back'])).toBe('back');
      expect(await docker.fails(['network', 'rm', 'back'])).toMatch(/network:? back( not found)?/);
      expect(await docker.fails(['network', 'rm', 'host'])).toMatch(/pre-defined network/);
    });

    it('secrets never come back', async () => {
      const id = await docker.ok(['secret', 'create', '--label', 'a=b', 'pw', '-'], 'hunter2');
      expect(table(await docker.ok(['secret', 'ls'])).map((row) => row.slice(0, 2))).toEqual([
        ['ID', 'NAME'],
        [id, 'pw'],
      ]);
      const inspected = await docker.ok(['secret', 'inspect', 'pw']);
      expect(JSON.parse(inspected)[0].Spec).toEqual({ Name: 'pw', Labels: { a: 'b' } });
      expect(await docker.fails(['secret', 'create', 'pw', '-'], 'x')).toMatch(/secret pw already exists/);
      expect(await docker.fails(['secret', 'create', 'no spaces', '-'], 'x')).toMatch(/invalid name/);
      expect(await docker.ok(['secret', 'rm', 'pw'])).toBe('pw');
      expect(await docker.fails(['secret', 'inspect', 'pw'])).toMatch(
        /no such secret: pw|secret pw not found/i,
      );
    });

    it('configs do', async () => {
      await docker.ok(['config', 'create', 'conf', '-'], 'line\n');
      expect(await docker.ok(['config', 'inspect', '--pretty', 'conf'])).toMatch(/Data:\nline/);
      expect(await docker.ok(['config', 'ls', '--format', '{{.Name}}'])).toBe('conf');
      expect(await docker.ok(['config', 'rm', 'conf'])).toBe('conf');
    });
  });

  describe('services', () => {
    it('one with many flags is created and shows them', async () => {
      await docker.ok(['network', 'create', '--driver', 'overlay', 'front']);
      await docker.ok(['secret', 'create', 'key', '-'], 'k');
      await docker.ok(['config', 'create', 'site', '-'], 'c');
      await docker.ok([
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
      const printed = await docker.ok(['service', 'inspect', '--pretty', 'web']);
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
      await bed.store.update((tx) => {
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
      expect(table(await docker.ok(['service', 'ls']))).toEqual([
        ['ID', 'NAME', 'MODE', 'REPLICAS', 'IMAGE', 'PORTS'],
        [id.slice(0, 12), 'web', 'replicated', '1/3 (max 3 per node)', 'web:1'],
      ]);
      const tasks = table(await docker.ok(['service', 'ps', '--no-trunc', 'web']));
      expect(tasks[1]?.slice(1, 5)).toEqual(['web.1', 'busybox:1.36', 'h1', 'Running']);
      expect(tasks[2]?.at(-1)).toBe('"no suitable node (insufficient memory on 1 node)"');
      expect(table(await docker.ok(['node', 'ps', 'self']))[1]?.[1]).toBe('web.1');
      expect(
        await docker.ok([
          'inspect',
          '--type',
          'task',
          `one${client.version}`,
          '--format',
          '{{.Status.State}} {{.Status.ContainerStatus.PID}}',
        ]),
      ).toBe('running 7');
      expect(await docker.ok(['inspect', 'web', '--format', '{{.Spec.Name}}'])).toBe('web');
    });

    it('update, scale, rollback', async () => {
      await docker.ok([
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
          '{{.Spec.TaskTemplate.ContainerSpec.Image}} {{.PreviousSpec.TaskTemplate.ContainerSpec.Image}} {{.Spec.TaskTemplate.ContainerSpec.Env}}',
        ),
      ).toBe('web:2 web:1 [A=1 B=2]');
      await docker.ok(['service', 'scale', '--detach', 'web=5']);
      expect(await field('web', '{{.Spec.Mode.Replicated.Replicas}}')).toBe('5');
      await docker.ok(['service', 'rollback', '--detach', 'web']);
      expect(await field('web', '{{.Spec.Mode.Replicated.Replicas}}')).toBe('3');
      await docker.ok(['service', 'update', '--detach', '--force', 'web']);
      expect(await field('web', '{{.Spec.TaskTemplate.ForceUpdate}}')).toBe('1');
      expect(await docker.fails(['service', 'scale', 'nowhere=2'])).toMatch(
        /service nowhere not found|no such service: nowhere/i,
      );
    });

    it('one without a name gets one, a global one has no number', async () => {
      const id = await docker.ok([
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
      expect(table(await docker.ok(['service', 'ls', '--filter', 'mode=global']))[1]?.[2]).toBe('global');
      expect(await docker.ok(['service', 'rm', id])).toBe(id);
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
      const said = await docker.fails(['service', 'create', '--detach', ...args]);
      expect(said).toMatch(message);
    });

    it('an image that no registry tells of is a warning, at once', async () => {
      const began = Date.now();
      const { code, stderr } = await docker.run([
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
      await docker.ok(['service', 'rm', 'far']);
    });

    it('logs follow until the command ends', async () => {
      const id = await serviceId('web');
      const logs = docker.start(['service', 'logs', '--follow', '--timestamps', 'web']);
      const lines = linesOf(logs.stdout);
      const arrives = lines.next();
      bed.node.logMessages.push({
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
      await vi.waitFor(() => expect(bed.node.subscriptionsAborted).toBe(1));
    });

    it('rm takes several and says what is not there', async () => {
      const { code, stdout, stderr } = await docker.run(['service', 'rm', 'web', 'nowhere']);
      expect([code, stdout.trim()]).toEqual([1, 'web']);
      expect(stderr).toMatch(/service:? nowhere( not found)?/);
    });
  });

  it('a stack of a compose file is deployed, listed and removed', async () => {
    const file = join(directory, 'stack.yml');
    writeFileSync(
      file,
      'version: "3.8"\nservices:\n  api:\n    image: api:1\n    ports: ["7070:70"]\n    configs: [c]\n    deploy: {replicas: 2}\nconfigs:\n  c: {file: ./c.txt}\n',
    );
    writeFileSync(join(directory, 'c.txt'), 'content');
    const deployed = await docker.run(['stack', 'deploy', '--resolve-image', 'never', '-c', file, 'shop']);
    expect(deployed.code, deployed.stderr).toBe(0);
    expect(deployed.stdout).toMatch(/Creating network shop_default\n(.*\n)*Creating service shop_api/);
    expect(table(await docker.ok(['stack', 'services', 'shop']))[1]?.slice(1, 4)).toEqual([
      'shop_api',
      'replicated',
      '0/2',
    ]);
    expect(await docker.ok(['stack', 'ls', '--format', '{{.Name}} {{.Services}}'])).toBe('shop 1');
    await docker.ok(['stack', 'rm', 'shop']);
    expect(await docker.ok(['service', 'ls', '-q'])).toBe('');
  });

  describe('images', () => {
    it('import, tag, ls, inspect, history, save, rm, load', async () => {
      const file = join(directory, 'rootfs.tar');
      writeFileSync(file, await rootfs());
      const id = await docker.ok([
        'import',
        '--change',
        'CMD ["/bin/true"]',
        '--message',
        'mine',
        file,
        'motd:1',
      ]);
      expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(await docker.ok(['import', '-', 'motd:stdin'], await rootfs())).toMatch(/^sha256:/);
      await docker.ok(['tag', 'motd:1', '10.0.0.5:5000/motd:2']);
      const rows = table(await docker.ok(['images', 'motd']));
      expect(rows[0]?.slice(0, 3)).toEqual(['REPOSITORY', 'TAG', 'IMAGE ID']);
      expect(
        rows
          .slice(1)
          .map((row) => row.slice(0, 2))
          .sort(),
      ).toEqual([
        ['motd', '1'],
        ['motd', 'stdin'],
      ]);
      expect(
        await docker.ok(['image', 'inspect', 'motd:1', '--format', '{{.Id}} {{.Config.Cmd}} {{.Os}}']),
      ).toBe(`${id} [/bin/true] linux`);
      expect(await docker.ok(['history', '--format', '{{.Comment}}', 'motd:1'])).toBe('mine');
      const archive = join(directory, 'saved.tar');
      await docker.ok(['save', '-o', archive, 'motd:1', '10.0.0.5:5000/motd:2']);
      expect(await docker.ok(['rmi', 'motd:1'])).toBe('Untagged: motd:1');
      expect(await docker.ok(['rmi', '10.0.0.5:5000/motd:2'])).toContain(`Deleted: ${id}`);
      expect((await docker.ok(['load', '-i', archive])).split('\n').sort()).toEqual([
        'Loaded image: 10.0.0.5:5000/motd:2',
        'Loaded image: motd:1',
      ]);
      const piped = (await docker.run(['save', 'motd:1'])).bytes;
      expect(await docker.ok(['load'], piped)).toContain('Loaded image: motd:1');
      expect(await docker.ok(['image', 'ls', '-q', '--no-trunc', '--filter', 'reference=motd:1'])).toBe(id);
    });

    it('what cannot be had, and what is broken, is said in a sentence', async () => {
      expect(await docker.fails(['image', 'inspect', 'nowhere'])).toMatch(/No such image: nowhere/);
      expect(await docker.fails(['pull', '10.0.0.5.invalid/nowhere:1'])).toMatch(
        /Error response from daemon: registry/,
      );
      expect(await docker.fails(['load'], Buffer.alloc(3_000_000, 0x5a))).toMatch(
        /Error response from daemon: .+/,
      );
      expect(
        await docker.fails(['load'], (await docker.run(['save', 'motd:1'])).bytes.subarray(0, 2_000)),
      ).toMatch(/damaged|ended|cut/);
      expect(await docker.fails(['rmi', 'nowhere'])).toMatch(/No such image: nowhere/);
      expect(await docker.fails(['push', 'motd:1'])).toMatch(/not implemented: image push/);
    });
  });

  it('events are told as they happen', async () => {
    const events = docker.start([
      'events',
      '--filter',
      'type=secret',
      '--format',
      '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}',
    ]);
    const lines = linesOf(events.stdout);
    const arrives = lines.next();
    // The command prints nothing when it listens: make secrets until it has heard of one.
    let heard = false;
    arrives.then(
      () => {
        heard = true;
      },
      () => undefined,
    );
    for (let made = 0; !heard && made < 50; made += 1) {
      await docker.ok(['secret', 'create', `e${made}`, '-'], 'x');
    }
    expect((await arrives).value).toMatch(/^secret create e\d+$/);
    events.kill();
    await once(events, 'exit');
  });

  describe('the swarm', () => {
    it('join tokens are shown and rotated', async () => {
      const token = await docker.ok(['swarm', 'join-token', '-q', 'worker']);
      expect(await docker.ok(['swarm', 'join-token', 'worker'])).toContain(
        `docker swarm join --token ${token} 10.0.0.1:2377`,
      );
      const rotated = await docker.ok(['swarm', 'join-token', '--rotate', '-q', 'worker']);
      expect(rotated).not.toBe(token);
      expect(await docker.ok(['swarm', 'join-token', '-q', 'worker'])).toBe(rotated);
    });

    it('settings are changed', async () => {
      expect(
        await docker.ok([
          'swarm',
          'update',
          '--task-history-limit',
          '2',
          '--cert-expiry',
          '48h',
          '--dispatcher-heartbeat',
          '2s',
        ]),
      ).toBe('Swarm updated.');
      expect(
        await docker.ok([
          'info',
          '--format',
          '{{.Swarm.Cluster.Spec.Orchestration.TaskHistoryRetentionLimit}} {{.Swarm.Cluster.Spec.CAConfig.NodeCertExpiry}} {{.Swarm.Cluster.Spec.Dispatcher.HeartbeatPeriod}}',
        ]),
      ).toBe('2 48h0m0s 2s');
      expect(await docker.fails(['swarm', 'update', '--autolock'])).toMatch(/not implemented/);
      expect(await docker.fails(['swarm', 'ca', '--rotate', '--detach'])).toMatch(/not implemented/);
      expect(await docker.ok(['swarm', 'ca'])).toContain('-----BEGIN CERTIFICATE-----');
    });

    it('leave, init, and leave, join', async () => {
      expect(await docker.fails(['swarm', 'init'])).toMatch(/already part of a swarm/);
      expect(await docker.ok(['swarm', 'leave', '--force'])).toBe('Node left the swarm.');
      expect(await docker.ok(['info', '--format', '{{.Swarm.LocalNodeState}}'])).toBe('inactive');
      const nodes = await docker.fails(['node', 'ls']);
      expect(nodes).toMatch(/not a swarm manager/i);
      const init = await docker.ok([
        'swarm',
        'init',
        '--advertise-addr',
        '10.0.0.1',
        '--default-addr-pool',
        '10.30.0.0/16',
        '--default-addr-pool-mask-length',
        '26',
        '--data-path-port',
        '4790',
      ]);
      expect(init).toContain(`Swarm initialized: current node (${SELF}) is now a manager.`);
      expect(init).toMatch(/docker swarm join --token \S+ 10\.0\.0\.1:2377/);
      expect(bed.node.asked.at(-1)).toMatchObject({
        advertiseAddr: '10.0.0.1',
        defaultAddressPool: ['10.30.0.0/16'],
        subnetSize: 26,
        dataPathPort: 4790,
      });
      await docker.ok(['swarm', 'leave', '--force']);
      expect(
        await docker.ok([
          'swarm',
          'join',
          '--token',
          'SWMTKN-1-x-y',
          '--availability',
          'drain',
          '10.0.0.9:2377',
        ]),
      ).toBe('This node joined a swarm as a worker.');
      expect(bed.node.asked.at(-1)).toMatchObject({
        remoteAddrs: ['10.0.0.9:2377'],
        joinToken: 'SWMTKN-1-x-y',
        availability: 'drain',
      });
    });
  });
});
