// What every docker command found here does and prints about images.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dockerClients } from '../support/docker_client.ts';
import { table, useDockerFace } from '../support/docker_face.ts';
import { tinyRootfs } from '../support/tiny_rootfs.ts';

describe.each(dockerClients())('docker $version', (client) => {
  const face = useDockerFace(client);

  describe('images', () => {
    it('import, tag, ls, inspect, history, save, rm, load', async () => {
      const file = join(face.directory, 'rootfs.tar');
      writeFileSync(file, await tinyRootfs());
      const id = await face.docker.ok([
        'import',
        '--change',
        'CMD ["/bin/true"]',
        '--message',
        'mine',
        file,
        'motd:1',
      ]);
      expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
      expect(await face.docker.ok(['import', '-', 'motd:stdin'], await tinyRootfs())).toMatch(/^sha256:/);
      await face.docker.ok(['tag', 'motd:1', '10.0.0.5:5000/motd:2']);
      const rows = table(await face.docker.ok(['images', 'motd']));
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
        await face.docker.ok(['image', 'inspect', 'motd:1', '--format', '{{.Id}} {{.Config.Cmd}} {{.Os}}']),
      ).toBe(`${id} [/bin/true] linux`);
      expect(await face.docker.ok(['history', '--format', '{{.Comment}}', 'motd:1'])).toBe('mine');
      const archive = join(face.directory, 'saved.tar');
      await face.docker.ok(['save', '-o', archive, 'motd:1', '10.0.0.5:5000/motd:2']);
      expect(await face.docker.ok(['rmi', 'motd:1'])).toBe('Untagged: motd:1');
      expect(await face.docker.ok(['rmi', '10.0.0.5:5000/motd:2'])).toContain(`Deleted: ${id}`);
      expect((await face.docker.ok(['load', '-i', archive])).split('\n').sort()).toEqual([
        'Loaded image: 10.0.0.5:5000/motd:2',
        'Loaded image: motd:1',
      ]);
      const piped = (await face.docker.run(['save', 'motd:1'])).bytes;
      expect(await face.docker.ok(['load'], piped)).toContain('Loaded image: motd:1');
      expect(await face.docker.ok(['image', 'ls', '-q', '--no-trunc', '--filter', 'reference=motd:1'])).toBe(
        id,
      );
    });

    it('what cannot be had, and what is broken, is said in a sentence', async () => {
      expect(await face.docker.fails(['image', 'inspect', 'nowhere'])).toMatch(/No such image: nowhere/);
      expect(await face.docker.fails(['pull', '10.0.0.5.invalid/nowhere:1'])).toMatch(
        /Error response from daemon: registry/,
      );
      expect(await face.docker.fails(['load'], Buffer.alloc(3_000_000, 0x5a))).toMatch(
        /Error response from daemon: .+/,
      );
      expect(
        await face.docker.fails(
          ['load'],
          (await face.docker.run(['save', 'motd:1'])).bytes.subarray(0, 2_000),
        ),
      ).toMatch(/damaged|ended|cut/);
      expect(await face.docker.fails(['rmi', 'nowhere'])).toMatch(/No such image: nowhere/);
      expect(await face.docker.fails(['push', 'motd:1'])).toMatch(/not implemented: image push/);
    });
  });
});
