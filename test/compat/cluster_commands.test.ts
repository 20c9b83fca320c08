// What every docker command found here does and prints about the engine, nodes, networks, secrets, configs and the swarm.
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { SELF } from '../support/api_bed.ts';
import { dockerClients, linesOf } from '../support/docker_client.ts';
import { table, useDockerFace } from '../support/docker_face.ts';

it('a docker command is there to test with', () => {
  expect(dockerClients().map(({ version, path }) => `${version} ${path}`)).not.toEqual([]);
});

describe.each(dockerClients())('docker $version', (client) => {
  const face = useDockerFace(client);

  describe('the engine', () => {
    it('version', async () => {
      const printed = await face.docker.ok(['version']);
      expect(printed).toMatch(
        /Server: skein 0\.1\.0\n Engine:\n {2}Version: +0\.1\.0\n {2}API version: +1\.50 \(minimum version 1\.40\)/,
      );
      expect(await face.docker.ok(['version', '--format', '{{.Server.Os}}/{{.Server.Arch}}'])).toMatch(
        /^linux\/\w+$/,
      );
    });

    it('info', async () => {
      const { code, stdout, stderr } = await face.docker.run(['info']);
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
      expect(await face.docker.fails(['top', 'x'])).toMatch(/not implemented: GET \/containers\/x\/top/);
      expect(await face.docker.fails(['volume', 'ls'])).toMatch(/not implemented: GET \/volumes/);
      expect(await face.docker.fails(['network', 'create', 'local'])).toMatch(
        /not implemented: networks with driver 'bridge'/,
      );
    });
  });

  describe('nodes', () => {
    it('ls marks this node and the leader', async () => {
      expect(table(await face.docker.ok(['node', 'ls']))).toEqual([
        ['ID', 'HOSTNAME', 'STATUS', 'AVAILABILITY', 'MANAGER STATUS', 'ENGINE VERSION'],
        [`${SELF} *`, 'h1', 'Ready', 'Active', 'Leader', '0.1.0'],
        ['worker1', 'worker1', 'Down', 'Active', '0.1.0'],
      ]);
      expect(await face.docker.ok(['node', 'ls', '-q', '--filter', 'role=worker'])).toBe('worker1');
    });

    it('inspect, of this node too', async () => {
      const printed = await face.docker.ok(['node', 'inspect', 'self', '--pretty']);
      expect(printed).toMatch(/Hostname:\s+h1\n/);
      expect(printed).toMatch(/Raft Status:\s+Reachable\n Leader:\s+Yes/);
      expect(printed).toMatch(/Memory:\s+4GiB/);
      expect(printed).toContain('-----BEGIN CERTIFICATE-----');
      expect(await face.docker.ok(['node', 'inspect', 'worker1', '--format', '{{.Status.State}}'])).toBe(
        'down',
      );
    });

    it('update, promote and what is refused', async () => {
      await face.docker.ok([
        'node',
        'update',
        '--label-add',
        'zone=east',
        '--availability',
        'drain',
        'worker1',
      ]);
      expect(
        await face.docker.ok([
          'node',
          'inspect',
          'worker1',
          '--format',
          '{{.Spec.Availability}} {{.Spec.Labels}}',
        ]),
      ).toBe('drain map[zone:east]');
      expect(await face.docker.ok(['node', 'promote', 'worker1'])).toBe(
        'Node worker1 promoted to a manager in the swarm.',
      );
      expect(await face.docker.ok(['node', 'demote', 'worker1'])).toBe(
        'Manager worker1 demoted in the swarm.',
      );
      expect(await face.docker.fails(['node', 'demote', SELF])).toMatch(/last manager/);
      expect(await face.docker.fails(['node', 'rm', SELF])).toMatch(/is a cluster manager/);
      expect(await face.docker.fails(['node', 'inspect', 'nowhere'])).toMatch(
        /no such node: nowhere|node nowhere not found/i,
      );
      expect(await face.docker.ok(['node', 'rm', 'worker1'])).toBe('worker1');
    });
  });

  describe('networks, secrets and configs', () => {
    it('an overlay network is made, listed, inspected and removed', async () => {
      const id = await face.docker.ok([
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
      const listed = table(await face.docker.ok(['network', 'ls', '--filter', 'scope=swarm']));
      expect(listed).toEqual([
        ['NETWORK ID', 'NAME', 'DRIVER', 'SCOPE'],
        [id.slice(0, 12), 'back', 'overlay', 'swarm'],
      ]);
      const names = await face.docker.ok(['network', 'ls', '--format', '{{.Name}}']);
      expect(names.split('\n').sort()).toEqual(['back', 'host', 'none']);
      expect(
        await face.docker.ok([
          'network',
          'inspect',
          'back',
          '--format',
          '{{.Scope}} {{.Attachable}} {{.Labels}}',
        ]),
      ).toBe('swarm true map[a:b]');
      expect(await face.docker.fails(['network', 'create', '--driver', 'overlay', 'back'])).toMatch(
        /network with name back already exists/,
      );
      expect(
        await face.docker.fails([
          'network',
          'create',
          '--driver',
          'overlay',
          '--subnet',
          '10.20.0.128/25',
          'other',
        ]),
      ).toMatch(/Pool overlaps with other one/);
      expect(await face.docker.ok(['network', 'rm', 'back'])).toBe('back');
      expect(await face.docker.fails(['network', 'rm', 'back'])).toMatch(/network:? back( not found)?/);
      expect(await face.docker.fails(['network', 'rm', 'host'])).toMatch(/pre-defined network/);
    });

    it('secrets never come back', async () => {
      const id = await face.docker.ok(['secret', 'create', '--label', 'a=b', 'pw', '-'], 'hunter2');
      expect(table(await face.docker.ok(['secret', 'ls'])).map((row) => row.slice(0, 2))).toEqual([
        ['ID', 'NAME'],
        [id, 'pw'],
      ]);
      const inspected = await face.docker.ok(['secret', 'inspect', 'pw']);
      expect(JSON.parse(inspected)[0].Spec).toEqual({ Name: 'pw', Labels: { a: 'b' } });
      expect(await face.docker.fails(['secret', 'create', 'pw', '-'], 'x')).toMatch(
        /secret pw already exists/,
      );
      expect(await face.docker.fails(['secret', 'create', 'no spaces', '-'], 'x')).toMatch(/invalid name/);
      expect(await face.docker.ok(['secret', 'rm', 'pw'])).toBe('pw');
      expect(await face.docker.fails(['secret', 'inspect', 'pw'])).toMatch(
        /no such secret: pw|secret pw not found/i,
      );
    });

    it('configs do', async () => {
      await face.docker.ok(['config', 'create', 'conf', '-'], 'line\n');
      expect(await face.docker.ok(['config', 'inspect', '--pretty', 'conf'])).toMatch(/Data:\nline/);
      expect(await face.docker.ok(['config', 'ls', '--format', '{{.Name}}'])).toBe('conf');
      expect(await face.docker.ok(['config', 'rm', 'conf'])).toBe('conf');
    });
  });

  it('events are told as they happen', async () => {
    const events = face.docker.start([
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
      await face.docker.ok(['secret', 'create', `e${made}`, '-'], 'x');
    }
    expect((await arrives).value).toMatch(/^secret create e\d+$/);
    events.kill();
    await once(events, 'exit');
  });

  describe('the swarm', () => {
    it('join tokens are shown and rotated', async () => {
      const token = await face.docker.ok(['swarm', 'join-token', '-q', 'worker']);
      expect(await face.docker.ok(['swarm', 'join-token', 'worker'])).toContain(
        `docker swarm join --token ${token} 10.0.0.1:2377`,
      );
      const rotated = await face.docker.ok(['swarm', 'join-token', '--rotate', '-q', 'worker']);
      expect(rotated).not.toBe(token);
      expect(await face.docker.ok(['swarm', 'join-token', '-q', 'worker'])).toBe(rotated);
    });

    it('settings are changed', async () => {
      expect(
        await face.docker.ok([
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
        await face.docker.ok([
          'info',
          '--format',
          '{{.Swarm.Cluster.Spec.Orchestration.TaskHistoryRetentionLimit}} {{.Swarm.Cluster.Spec.CAConfig.NodeCertExpiry}} {{.Swarm.Cluster.Spec.Dispatcher.HeartbeatPeriod}}',
        ]),
      ).toBe('2 48h0m0s 2s');
      expect(await face.docker.fails(['swarm', 'ca', '--rotate', '--detach'])).toMatch(/not implemented/);
      expect(await face.docker.ok(['swarm', 'ca'])).toContain('-----BEGIN CERTIFICATE-----');
    });

    it('leave, init, and leave, join', async () => {
      expect(await face.docker.fails(['swarm', 'init'])).toMatch(/already part of a swarm/);
      expect(await face.docker.ok(['swarm', 'leave', '--force'])).toBe('Node left the swarm.');
      expect(await face.docker.ok(['info', '--format', '{{.Swarm.LocalNodeState}}'])).toBe('inactive');
      const nodes = await face.docker.fails(['node', 'ls']);
      expect(nodes).toMatch(/not a swarm manager/i);
      const init = await face.docker.ok([
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
      expect(face.bed.node.asked.at(-1)).toMatchObject({
        advertiseAddr: '10.0.0.1',
        defaultAddressPool: ['10.30.0.0/16'],
        subnetSize: 26,
        dataPathPort: 4790,
      });
      await face.docker.ok(['swarm', 'leave', '--force']);
      expect(
        await face.docker.ok([
          'swarm',
          'join',
          '--token',
          'SWMTKN-1-x-y',
          '--availability',
          'drain',
          '10.0.0.9:2377',
        ]),
      ).toBe('This node joined a swarm as a worker.');
      expect(face.bed.node.asked.at(-1)).toMatchObject({
        remoteAddrs: ['10.0.0.9:2377'],
        joinToken: 'SWMTKN-1-x-y',
        availability: 'drain',
      });
    });
  });
});
