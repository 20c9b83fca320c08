// The unmodified docker commands make, watch and end plain containers on a real daemon: what they print, what they
// exit with, and what is left afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from '../cluster/support/command.ts';
import { eventually } from '../cluster/support/eventually.ts';
import { addressOf, lab, labName, projectRoot, socketOf, stateOf } from '../cluster/support/lab.ts';
import { Docker, dockerClients } from '../support/docker_client.ts';
import { table } from '../support/docker_face.ts';

const ARCHIVE = `/tmp/${labName}-compat-containers.tar`;
const BIND_SOURCE = `/tmp/${labName}-compat-bind`;

beforeAll(async () => {
  await lab.down();
  await lab.up(2);
  await run(`${projectRoot}deploy/web-image.sh`, [ARCHIVE]);
});
afterAll(async () => {
  await lab.down();
  rmSync(ARCHIVE, { force: true });
  rmSync(BIND_SOURCE, { recursive: true, force: true });
});

describe.each(dockerClients())('docker $version', (client) => {
  let docker: Docker;
  let other: Docker;
  beforeAll(async () => {
    docker = new Docker(client, socketOf('h1'));
    other = new Docker(client, socketOf('h2'));
    for (const host of [docker, other]) {
      await host.ok(['import', '--change', 'CMD ["sh"]', '--change', 'ENV PATH=/bin', ARCHIVE, 'box:1']);
    }
  });
  afterAll(async () => {
    for (const host of [docker, other]) {
      const ids = (await host.ok(['ps', '-aq'])).split('\n').filter((id) => id !== '');
      await host.run(['rm', '-f', ...ids]);
      await host.run(['swarm', 'leave', '--force']);
      host.close();
    }
  });

  it('run --rm: both outputs, the exit code, standard input', async () => {
    const out = await docker.run(['run', '--rm', 'box:1', 'sh', '-c', 'echo out; echo err >&2; exit 7']);
    expect([out.code, out.stdout, out.stderr]).toEqual([7, 'out\n', 'err\n']);
    expect(await docker.ok(['run', '-i', '--rm', 'box:1', 'cat'], 'hi\n')).toBe('hi');
    const big = Buffer.alloc(3_000_000, 'skein\n');
    expect((await docker.run(['run', '-i', '--rm', 'box:1', 'cat'], big)).bytes.equals(big)).toBe(true);
    expect(await docker.ok(['ps', '-aq'])).toBe('');
  });

  it('the options of run reach the container', async () => {
    mkdirSync(BIND_SOURCE, { recursive: true });
    writeFileSync(`${BIND_SOURCE}/note`, 'from the host\n');
    const script =
      'echo $A; pwd; id -u; id -g; hostname; cat /b/note; df /t | tail -1; ' +
      'touch /v/mine && ls /v; touch /x 2>/dev/null || echo read-only; touch /b/x 2>/dev/null || echo bound; ' +
      'grep -c "1.2.3.4" /etc/hosts; cat /etc/resolv.conf | grep search';
    const lines = (
      await docker.ok([
        ...['run', '--rm', '-e', 'A=1', '-w', '/tmp', '-u', '0:7', '--hostname', 'inner', '--read-only'],
        ...['--tmpfs', '/t:size=1m', '-v', `${BIND_SOURCE}:/b:ro`, '--mount', 'type=volume,src=vol,dst=/v'],
        ...['--memory', '32m', '--cpus', '0.5', '--pids-limit', '20', '--cap-drop', 'CHOWN', '--init=false'],
        ...['--add-host', 'far:1.2.3.4', '--dns-search', 'example.org', '--entrypoint', '/bin/busybox'],
        ...['box:1', 'sh', '-c', script],
      ])
    ).split('\n');
    expect(lines.slice(0, 6)).toEqual(['1', '/tmp', '0', '7', 'inner', 'from the host']);
    expect(lines[6]).toMatch(/^tmpfs\s+1024 /);
    expect(lines.slice(7)).toEqual(['mine', 'read-only', 'bound', '1', 'search example.org']);
  });

  it('a container from its making to its removal', async () => {
    const script = 'trap "exit 3" TERM; echo one; echo two >&2; while :; do sleep 0.1; done';
    const id = await docker.ok([
      'run',
      '-d',
      '--name',
      'long',
      '-l',
      'tier=web',
      'box:1',
      'sh',
      '-c',
      script,
    ]);
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    const [header, row] = table(await docker.ok(['ps', '--filter', 'label=tier=web']));
    expect(header?.slice(0, 3)).toEqual(['CONTAINER ID', 'IMAGE', 'COMMAND']);
    expect(row?.[0]).toBe(id.slice(0, 12));
    expect(row?.[4]).toMatch(/^Up /);
    await eventually('both lines', 10_000, async () => {
      const { stdout, stderr } = await docker.run(['logs', 'long']);
      return stdout === 'one\n' && stderr === 'two\n' ? true : undefined;
    });
    expect(
      await docker.ok(['inspect', 'long', '--format', '{{.State.Status}} {{.Config.Image}} {{.Name}}']),
    ).toBe('running box:1 /long');
    expect(await docker.fails(['rm', 'long'])).toContain(
      'cannot remove container "/long": container is running: stop the container before removing or force remove',
    );
    expect(await docker.fails(['run', '--name', 'long', 'box:1'])).toMatch(
      /Conflict\. The container name "\/long" is already in use by container "[0-9a-f]{64}"/,
    );
    expect(await docker.ok(['stop', 'long'])).toBe('long');
    expect(await docker.ok(['wait', 'long'])).toBe('3');
    expect(await docker.ok(['ps', '-a', '--format', '{{.Names}} {{.Status}}'])).toMatch(
      /^long Exited \(3\) /,
    );
    expect(await docker.ok(['start', 'long'])).toBe('long');
    expect(await docker.ok(['rename', 'long', 'longer'])).toBe('');
    expect(await docker.ok(['restart', '-t', '0', 'longer'])).toBe('longer');
    expect(await docker.ok(['kill', 'longer'])).toBe('longer');
    expect(await docker.fails(['kill', 'longer'])).toContain('is not running');
    expect(await docker.ok(['start', 'longer'])).toBe('longer');
    expect(await docker.ok(['rm', '-f', 'longer'])).toBe('longer');
    expect(await docker.fails(['inspect', '--type', 'container', 'longer'])).toContain(
      'No such container: longer',
    );
  });

  it('logs -f ends with the container, start -a shows it, create waits', async () => {
    await docker.ok(['create', '--name', 'slow', 'box:1', 'sh', '-c', 'echo a; sleep 1; echo b']);
    expect(await docker.ok(['ps', '-a', '--format', '{{.Status}}'])).toBe('Created');
    expect(await docker.ok(['start', 'slow'])).toBe('slow');
    expect(await docker.ok(['logs', '-f', 'slow'])).toBe('a\nb');
    expect(await docker.ok(['start', '-a', 'slow'])).toBe('a\nb');
    expect(await docker.ok(['logs', '--tail', '1', 'slow'])).toBe('b');
    expect(await docker.ok(['container', 'prune', '-f'])).toContain('Deleted Containers');
  });

  it('a terminal has the size of the client’s', async () => {
    const command = `stty rows 33 cols 77; DOCKER_HOST=unix://${socketOf('h1')} ${client.path} run --rm -it box:1 sh -c 'sleep 1; stty size'`;
    const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.on('data', (data: Buffer) => {
      text += data.toString();
    });
    await once(child, 'close');
    expect(text).toContain('33 77');
  });

  it('restart policies; and what runs outlives the daemon', async () => {
    await docker.ok(['run', '-d', '--name', 'lives', 'box:1', 'sleep', '1000']);
    await docker.ok(['run', '-d', '--name', 'fails', '--restart', 'on-failure:2', 'box:1', 'false']);
    await eventually('two restarts', 20_000, async () =>
      (await docker.ok(['inspect', 'fails', '--format', '{{.RestartCount}} {{.State.Status}}'])) ===
      '2 exited'
        ? true
        : undefined,
    );
    const pid = await docker.ok(['inspect', 'lives', '--format', '{{.State.Pid}}']);
    await lab.stop('h1', { hard: true });
    await lab.start('h1');
    expect(await docker.ok(['inspect', 'lives', '--format', '{{.State.Pid}} {{.State.Status}}'])).toBe(
      `${pid} running`,
    );
    await docker.ok(['rm', '-f', 'lives', 'fails']);
  });

  it('what cannot be is refused by name', async () => {
    expect((await docker.run(['run', '--rm', 'box:1', 'nothing'])).code).toBe(127);
    expect(await docker.fails(['run', '--rm', 'box:1', 'nothing'])).toContain(
      'executable file not found in $PATH',
    );
    expect(await docker.fails(['run', '--privileged', 'box:1'])).toContain(
      'not implemented: HostConfig.Privileged',
    );
    expect(await docker.fails(['run', '--network', 'container:x', 'box:1'])).toContain('not implemented');
    expect(await docker.fails(['run', '-p', '127.0.0.1:80:80', 'box:1'])).toContain('not implemented');
  });

  it('an attachable network joins containers of two nodes and the tasks of a service', async () => {
    await docker.ok(['swarm', 'init', '--advertise-addr', addressOf('h1')]);
    const token = await docker.ok(['swarm', 'join-token', '-q', 'worker']);
    await other.ok(['swarm', 'join', '--token', token, `${addressOf('h1')}:2377`]);
    await docker.ok(['network', 'create', '-d', 'overlay', '--attachable', 'shared']);
    await docker.ok([
      'run',
      '-d',
      '--name',
      'web',
      '--network',
      'shared',
      '--network-alias',
      'www',
      'box:1',
      'sleep',
      '1000',
    ]);
    const asked = await other.ok([
      'run',
      '--rm',
      '--network',
      'shared',
      'box:1',
      'sh',
      '-c',
      'ping -c 1 -W 3 web && nslookup www',
    ]);
    expect(asked).toContain(' 0% packet loss');
    expect(asked).toMatch(/Name:\s+www/);
    await docker.ok(['network', 'create', '-d', 'overlay', 'closed']);
    expect(await docker.fails(['run', '--rm', '--network', 'closed', 'box:1'])).toContain(
      'not manually attachable',
    );
    expect(await docker.fails(['network', 'rm', 'shared'])).toContain('in use');
    await docker.ok(['rm', '-f', 'web']);
    await docker.ok([
      ...[
        'service',
        'create',
        '-d',
        '--no-resolve-image',
        '--name',
        'tasks',
        '--constraint',
        'node.role==manager',
      ],
      ...['box:1', 'sh', '-c', 'echo from a task; exec sleep 1000'],
    ]);
    const name = await eventually('a task in ps', 20_000, async () => {
      const line = await docker.ok(['ps', '--filter', 'is-task=true', '--format', '{{.Names}} {{.Status}}']);
      return /^(tasks\.1\.[0-9a-z]{25}) Up /.exec(line)?.[1];
    });
    expect(await docker.ok(['logs', name])).toBe('from a task');
    expect(await docker.ok(['inspect', name, '--format', '{{.State.Status}} {{.Config.Image}}'])).toBe(
      'running box:1',
    );
    expect(await docker.fails(['rm', '-f', name])).toContain('is a task of a service');
    expect(await docker.fails(['stop', name])).toContain('is a task of a service');
    await docker.ok(['service', 'rm', 'tasks']);
    await eventually('the network is free', 10_000, async () =>
      (await docker.run(['network', 'rm', 'shared'])).code === 0 ? true : undefined,
    );
  });

  it('nothing is left', () => {
    expect(readdirSync(`${stateOf('h1')}/standalone`)).toEqual([]);
  });
});
