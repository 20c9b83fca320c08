// A root file system of one small file, as a tar archive: enough of an image where nothing runs it.
import { pack } from 'tar-stream';

export async function tinyRootfs(content = 'hello'): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'etc/motd' }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) {
    chunks.push(Buffer.from(chunk as Uint8Array));
  }
  return Buffer.concat(chunks);
}
