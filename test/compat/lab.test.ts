// The unmodified docker commands drive a real swarm of two hosts: real daemons, containers and networks.
// One story for each command that is found here, told from `swarm init` to `swarm leave`.
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cluster/support/command.ts';
import { eventually } from '../cluster/support/eventually.ts';
import { addressOf, type Host, lab, labName, logOf, projectRoot, socketOf } from '../cluster/support/lab.ts';
import { Docker, dockerClients, linesOf } from '../support/docker_client.ts';

const ARCHIVE = `/tmp/${labName}-compat-web.tar`;
const HOSTS: readonly Host[] = ['h1', 'h2'];
/** A shell in the web image. */
const SHELL = ['/bin/busybox', 'sh', '-c'];

beforeAll(async () => {
  await lab.down();
  await lab.up(HOSTS.length);
  await run(`${projectRoot}deploy/web-image.sh`, [ARCHIVE]);
});
afterAll(async () => {
  await lab.down();
  rmSync(ARCHIVE, { force: true });
});

describe.each(dockerClients())('docker $version on a real swarm', (client) => {
  let on: Readonly<Record<'h1' | 'h2', Docker>>;
  let docker: Docker;
  beforeAll(() => {
    on = { h1: new Docker(client, socketOf('h1')), h2: new Docker(client, socketOf('h2')) };
    docker = on.h1;
  });
  afterAll(async () => {
    for (const command of Object.values(on)) {
      await command.run(['swarm', 'leave', '--force']);
      command.close();
    }
  });

  const states = (service: string) =>
    docker.ok(['service', 'ps', '--format', '{{.CurrentState}} {{.Error}}', '--no-trunc', service]);
  const replicas = (service: string) =>
    docker.ok(['service', 'ls', '--filter', `name=${service}`, '--format', '{{.Replicas}}']);
  const create = (name: string, ...args: readonly string[]) =>
    docker.ok(['service', 'create', '--detach', '--no-resolve-image', '--name', name, ...args]);
  const logsOf = async (service: string) => {
    const { stdout, stderr } = await docker.run(['service', 'logs', '--raw', service]);
    return `${stdout}${stderr}`;
  };

  it('imports the image on each host', async () => {
    for (const host of Object.values(on)) {
      await host.ok([
        ...['import', '--change', 'CMD ["/bin/busybox","httpd","-f","-p","0.0.0.0:80","-h","/www"]'],
        ...['--change', 'ENV PATH=/bin', ARCHIVE, 'web:1'],
      ]);
      expect(await host.ok(['images', '--format', '{{.Repository}}:{{.Tag}}', 'web'])).toBe('web:1');
    }
  });

  it('outside a swarm it is told what to do', async () => {
    expect(await docker.fails(['node', 'ls'])).toMatch(/This node is not a swarm manager/);
    expect(await docker.fails(['service', 'create', 'web:1'])).toMatch(/This node is not a swarm manager/);
    expect(await docker.fails(['swarm', 'leave'])).toMatch(/not part of a swarm/);
    expect(await docker.ok(['info', '--format', '{{.Swarm.LocalNodeState}}'])).toBe('inactive');
  });

  it('init and join make a swarm of two', async () => {
    const printed = await docker.ok(['swarm', 'init', '--advertise-addr', addressOf('h1')]);
    expect(printed).toMatch(/Swarm initialized: current node \([0-9a-z]{25}\) is now a manager\./);
    expect(printed).toContain(`${addressOf('h1')}:2377`);
    expect(await docker.fails(['swarm', 'init'])).toMatch(/already part of a swarm/);

    const token = await docker.ok(['swarm', 'join-token', '-q', 'worker']);
    const to = `${addressOf('h1')}:2377`;
    expect(await on.h2.fails(['swarm', 'join', '--token', `${token.slice(0, -4)}0000`, to])).toMatch(
      /token/i,
    );
    expect(await on.h2.fails(['swarm', 'join', '--token', 'nonsense', to])).toMatch(/token/i);
    expect(await on.h2.ok(['swarm', 'join', '--token', token, to])).toBe(
      'This node joined a swarm as a worker.',
    );
    await eventually('both nodes ready', 15_000, async () => {
      const nodes = await docker.ok([
        'node',
        'ls',
        '--format',
        '{{.Hostname}} {{.Status}} {{.ManagerStatus}}',
      ]);
      return (
        nodes
          .split('\n')
          .map((line) => line.trim())
          .sort()
          .join(', ') === 'h1 Ready Leader, h2 Ready'
      );
    });
    expect(await on.h2.fails(['node', 'ls'])).toMatch(/not a swarm manager/);
  });

  it('a service is created, its progress shown until it has converged, and answers on each host', async () => {
    const printed = await docker.ok([
      ...['service', 'create', '--no-resolve-image', '--name', 'web', '--replicas', '3'],
      ...['--publish', '8080:80', '--env', 'TASK_SLOT={{.Task.Slot}}', '--stop-grace-period', '1s'],
      ...['--update-monitor', '1s', '--rollback-monitor', '1s', '--rollback-parallelism', '0', 'web:1'],
    ]);
    expect(printed).toMatch(/overall progress: 3 out of 3 tasks/);
    expect(printed).toMatch(/verify: Service .*converged/);
    expect(await replicas('web')).toBe('3/3');
    expect(await docker.ok(['service', 'ls', '--format', '{{.Ports}}'])).toBe('*:8080->80/tcp');
    expect(await docker.ok(['service', 'inspect', '--pretty', 'web'])).toMatch(/PublishedPort = 8080/);
    for (const host of HOSTS) {
      const answer = await lab.exec('client', [
        'curl',
        '-fsS',
        '--max-time',
        '5',
        `http://${addressOf(host)}:8080/`,
      ]);
      expect(answer.stdout).toMatch(/^replica=\d host=\S+ client=\S+\.250$/m);
    }
  });

  it('scale, update and rollback converge', async () => {
    expect(await docker.ok(['service', 'scale', 'web=5'])).toMatch(/converged/);
    expect(await replicas('web')).toBe('5/5');
    const update = [
      'service',
      'update',
      '--no-resolve-image',
      '--update-parallelism',
      '0',
      '--env-add',
      'NEW=1',
    ];
    expect(await docker.ok([...update, 'web'])).toMatch(/converged/);
    expect(await docker.ok(['service', 'inspect', 'web', '--format', '{{.UpdateStatus.State}}'])).toBe(
      'completed',
    );
    await docker.ok(['service', 'rollback', 'web']);
    expect(
      await docker.ok(['service', 'inspect', 'web', '--format', '{{.Spec.TaskTemplate.ContainerSpec.Env}}']),
    ).toBe('[TASK_SLOT={{.Task.Slot}}]');
  });

  it('secrets and configs reach the task, and what it prints reaches the logs', async () => {
    await docker.ok(['secret', 'create', 'pw', '-'], 'hunter2\n');
    await docker.ok(['config', 'create', 'site', '-'], 'motto\n');
    const script = 'cat /run/secrets/pw /etc/site; echo to-stderr >&2; echo end; sleep 600';
    await create(
      'told',
      '--secret',
      'pw',
      '--config',
      'source=site,target=/etc/site',
      'web:1',
      ...SHELL,
      script,
    );
    await eventually('all of its lines', 15_000, async () => /end/.test(await logsOf('told')));
    expect((await logsOf('told')).split('\n').sort()).toEqual(['', 'end', 'hunter2', 'motto', 'to-stderr']);
    // The two streams are two pipes: either line may be the last.
    const { stdout, stderr } = await docker.run(['service', 'logs', '--tail', '1', '--timestamps', 'told']);
    expect(`${stdout}${stderr}`).toMatch(
      /^\d{4}-\d\d-\d\dT[\d:.]{18}Z told\.1\.\w+@h[12]\s+\| (?:end|to-stderr)\n$/,
    );
    expect(await docker.fails(['secret', 'rm', 'pw'])).toMatch(/in use by/);
  });

  it('logs follow a task while it prints', async () => {
    await create(
      'ticks',
      '--stop-grace-period',
      '1s',
      'web:1',
      ...SHELL,
      'i=0; while true; do echo tick $i; i=$((i+1)); sleep 0.2; done',
    );
    await eventually('a running task', 15_000, async () => (await states('ticks')).startsWith('Running'));
    const logs = docker.start(['service', 'logs', '--follow', '--raw', 'ticks']);
    const seen: string[] = [];
    for await (const line of linesOf(logs.stdout)) {
      seen.push(line);
      if (seen.length === 10) {
        logs.kill();
      }
    }
    expect(seen.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, index) => `tick ${index}`));
  });

  it('an image that is nowhere: the task shows the reason, the service stays', async () => {
    await create('far', 'nowhere:1');
    await eventually('the reason', 15_000, async () => /No such image: nowhere:1/.test(await states('far')));
    expect(await replicas('far')).toBe('0/1');
  });

  it('a network of its own: made, used by name, refused while in use', async () => {
    await docker.ok(['network', 'create', '--driver', 'overlay', '--subnet', '10.50.0.0/24', 'back']);
    await create('api', '--network', 'back', '--stop-grace-period', '1s', 'web:1');
    await create(
      'asks',
      '--network',
      'back',
      'web:1',
      ...SHELL,
      'while ! wget -qO- http://api/; do sleep 0.2; done; sleep 600',
    );
    await eventually('an answer through the VIP', 20_000, async () => /replica=/.test(await logsOf('asks')));
    expect(await docker.fails(['network', 'rm', 'back'])).toMatch(/in use by/);
    const verbose = await docker.ok([
      'network',
      'inspect',
      '--verbose',
      'back',
      '--format',
      '{{json .Services}}',
    ]);
    expect(Object.keys(JSON.parse(verbose)).sort()).toEqual(['api', 'asks']);
  });

  it('a drained node gives its tasks up; a node that is up stays in the list', async () => {
    await docker.ok(['node', 'update', '--availability', 'drain', 'h2']);
    await eventually('all of web on h1', 20_000, async () => {
      const nodes = await docker.ok([
        'service',
        'ps',
        '--filter',
        'desired-state=running',
        '--format',
        '{{.Node}} {{.CurrentState}}',
        'web',
      ]);
      const lines = nodes.split('\n');
      return lines.length === 5 && lines.every((line) => line.startsWith('h1 Running'));
    });
    expect(await docker.fails(['node', 'rm', 'h2'])).toMatch(/is not down and can't be removed/);
    expect(await docker.fails(['node', 'demote', 'h1'])).toMatch(/last manager/);
  });

  it('events tell of services as they come and go', async () => {
    const events = docker.start([
      'events',
      '--filter',
      'type=service',
      '--format',
      '{{.Action}} {{.Actor.Attributes.name}}',
    ]);
    const lines = linesOf(events.stdout);
    const first = lines.next();
    let heard = false;
    first.then(
      () => {
        heard = true;
      },
      () => undefined,
    );
    await eventually('an event', 15_000, async () => {
      await docker.ok(['service', 'update', '--detach', '--force', 'api']);
      return heard;
    });
    expect((await first).value).toBe('update api');
    events.kill();
    await once(events, 'exit');
  });

  it('everything is removed and the nodes leave', async () => {
    const services = (await docker.ok(['service', 'ls', '-q'])).split('\n');
    await docker.ok(['service', 'rm', ...services]);
    await eventually(
      'the network is free',
      30_000,
      async () => (await docker.run(['network', 'rm', 'back'])).code === 0,
    );
    await docker.ok(['secret', 'rm', 'pw']);
    await docker.ok(['config', 'rm', 'site']);
    expect(await on.h2.ok(['swarm', 'leave'])).toBe('Node left the swarm.');
    await eventually(
      'h2 is down',
      15_000,
      async () =>
        (await docker.ok(['node', 'ls', '--filter', 'name=h2', '--format', '{{.Status}}'])) === 'Down',
    );
    expect(await docker.ok(['node', 'rm', 'h2'])).toBe('h2');
    expect(await docker.fails(['swarm', 'leave'])).toMatch(/last manager erases all current state/);
    expect(await docker.ok(['swarm', 'leave', '--force'])).toBe('Node left the swarm.');
    expect(await docker.ok(['info', '--format', '{{.Swarm.LocalNodeState}}'])).toBe('inactive');
  });

  it('no secret stands in a log', async () => {
    for (const host of HOSTS) {
      expect((await logOf(host)).filter((line) => /hunter2|aHVudGVyMg/.test(line))).toEqual([]);
    }
  });
});
