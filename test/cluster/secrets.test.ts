// Secrets and configs as containers find them, and that a secret is never on a disk of a worker; service logs
// gathered from all nodes.
import { describe, expect, test } from 'vitest';
import { useCluster } from './support/cluster.ts';
import { run } from './support/command.ts';
import { messageOf } from './support/engine.ts';
import { eventually } from './support/eventually.ts';
import { runDirectoryOf, stateOf } from './support/lab.ts';
import { SECOND, service } from './support/services.ts';
import { inside } from './support/traffic.ts';

const SECRET = 'the-password-is-Tr0ub4dor-and-3';
const CONFIG = 'colour=blue\nhost=here\n';

const cluster = useCluster({ managers: 2, workers: 1 });

async function create(kind: 'secrets' | 'configs', name: string, data: string): Promise<string> {
  const body = { Name: name, Data: Buffer.from(data).toString('base64') };
  return ((await cluster.on('h2').call('POST', `/${kind}/create`, body)) as { readonly ID: string }).ID;
}

describe('secrets and configs', () => {
  let secretId = '';
  let configId = '';

  test('are delivered to the task with name, owner and mode, the secret on a tmpfs', async () => {
    secretId = await create('secrets', 'password', SECRET);
    configId = await create('configs', 'settings', CONFIG);
    await cluster.on('h1').createService(
      service('vault', {
        placement: { Constraints: ['node.hostname == h3'] },
        container: {
          Secrets: [
            {
              SecretID: secretId,
              SecretName: 'password',
              File: { Name: 'db-password', UID: '1000', GID: '1001', Mode: 0o400 },
            },
          ],
          Configs: [
            {
              ConfigID: configId,
              ConfigName: 'settings',
              File: { Name: '/etc/app/settings.conf', UID: '0', GID: '0', Mode: 0o444 },
            },
          ],
        },
      }),
    );
    const [task] = await cluster.whole('vault', 1);
    const pid = task?.Status.ContainerStatus?.PID ?? 0;
    expect((await inside(pid, 'cat /run/secrets/db-password')).stdout).toBe(SECRET);
    expect((await inside(pid, 'stat -c "%a %u %g" /run/secrets/db-password')).stdout.trim()).toBe(
      '400 1000 1001',
    );
    expect((await inside(pid, 'stat -f -c %T /run/secrets/db-password')).stdout.trim()).toBe('tmpfs');
    expect((await inside(pid, 'cat /etc/app/settings.conf')).stdout).toBe(CONFIG);
    expect((await inside(pid, 'stat -c "%a" /etc/app/settings.conf')).stdout.trim()).toBe('444');
    expect((await inside(pid, 'echo x > /run/secrets/db-password')).code).not.toBe(0);
  });

  test('the API shows no secret, and a config', async () => {
    const secret = JSON.stringify(await cluster.on('h1').call('GET', '/secrets/password'));
    expect(secret).not.toContain(Buffer.from(SECRET).toString('base64'));
    const config = (await cluster.on('h1').call('GET', '/configs/settings')) as {
      readonly Spec: { readonly Data: string };
    };
    expect(Buffer.from(config.Spec.Data, 'base64').toString()).toBe(CONFIG);
  });

  test('is nowhere on the disk, in no log and in no argument, of managers and workers alike', async () => {
    for (const host of cluster.hosts) {
      for (const needle of [SECRET, Buffer.from(SECRET).toString('base64')]) {
        const { stdout } = await run(
          'find',
          [stateOf(host), '-xdev', '-type', 'f', '-exec', 'grep', '-laF', needle, '{}', '+'],
          {
            mayFail: true,
          },
        );
        expect({ host, stdout }).toEqual({ host, stdout: '' });
      }
    }
    const { stdout } = await run('ps', ['-eo', 'args']);
    expect(stdout.split('\n').filter((line) => line.includes(SECRET))).toEqual([]);
  });

  test('in use it cannot be removed, and the service is named', async () => {
    for (const path of [`/secrets/${secretId}`, `/configs/${configId}`]) {
      const answer = await cluster.on('h1').ask('DELETE', path);
      expect(answer.status).toBe(400);
      expect(messageOf(answer)).toMatch(/in use by the following service: vault/);
    }
  });

  test('gone with the task: nothing of it stays mounted', async () => {
    await cluster.remove('vault');
    await eventually('no mount of the task', 10_000, async () => {
      const { stdout } = await run('cat', ['/proc/self/mountinfo']);
      return (
        !stdout.includes(`${runDirectoryOf('h3')}/containers/`) &&
        !stdout.includes(`${stateOf('h3')}/containers/`)
      );
    });
    await cluster.on('h1').call('DELETE', `/secrets/${secretId}`);
    await cluster.on('h1').call('DELETE', `/configs/${configId}`);
  });

  test('a service that names a secret nobody made is refused', async () => {
    const answer = await cluster.on('h1').ask(
      'POST',
      '/services/create',
      service('lost', {
        container: {
          Secrets: [
            {
              SecretID: 'nothere',
              SecretName: 'nothere',
              File: { Name: 'x', UID: '0', GID: '0', Mode: 0o444 },
            },
          ],
        },
      }),
    );
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(messageOf(answer)).toMatch(/secret/);
  });
});

describe('service logs', () => {
  test('of all tasks on all nodes, asked of a manager that does not lead; with follow, what comes after', async () => {
    await cluster.on('h1').createService(
      service('chatty', {
        replicas: 3,
        shell: 'i=0; while :; do echo "line $i of $(hostname)"; i=$((i+1)); sleep 0.5; done',
        container: { StopGracePeriod: SECOND / 10 },
      }),
    );
    const tasks = await cluster.whole('chatty', 3);
    const expected = tasks.map((task) => task.ID.slice(0, 12)).toSorted();
    const heard = new Map<string, number>();
    const stream = await cluster.on('h2').stream('/services/chatty/logs?stdout=1&stderr=1&follow=1');
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    try {
      await eventually('lines of all three, and later lines', 15_000, () => {
        for (const match of text.matchAll(/line (\d+) of (\w+)/g)) {
          const host = match[2] ?? '';
          heard.set(host, Math.max(heard.get(host) ?? 0, Number(match[1])));
        }
        return heard.size === 3 && [...heard.values()].every((line) => line >= 4);
      });
    } finally {
      stream.destroy();
    }
    expect([...heard.keys()].toSorted()).toEqual(expected);
    const tail = await cluster.on('h2').ask('GET', '/services/chatty/logs?stdout=1&tail=1');
    expect([...tail.text.matchAll(/line \d+ of/g)]).toHaveLength(3);
    await cluster.remove('chatty');
  });
});
