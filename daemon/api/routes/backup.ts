// /skein/swarm/backup and /skein/swarm/restore: skein's own calls, below a prefix that Docker does not use. What
// passes here is sealed; the passphrase comes in a header or body and is written nowhere.
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { SkeinError } from '../../../shared/errors.ts';
import type { Logger } from '../../../shared/log.ts';
import type { Backend, RestoreRequest } from '../backend.ts';
import { body, callContext, Query } from '../request.ts';
import { sendStream } from '../streaming.ts';
import { uploadOf } from '../upload.ts';

const PASSPHRASE_HEADER = 'x-skein-passphrase';
const UNLOCK_KEY_HEADER = 'x-skein-unlock-key';
const FILE_NAME = 'restore.backup';

export function backupRoutes(
  app: FastifyInstance,
  backend: Backend,
  { log }: { readonly log: Logger },
): void {
  app.post('/skein/swarm/backup', async (request, reply) => {
    const fields = body(request, 'BackupRequest');
    const wanted = {
      passphrase: fields.string('Passphrase'),
      useUnlockKey: fields.boolean('UseUnlockKey'),
    };
    const parts = backend.node.backup().create(wanted, callContext(reply))[Symbol.asyncIterator]();
    // The first part tells whether there will be a backup: a refusal must still be an answer with a status.
    const first = await parts.next();
    return sendStream(reply, 'application/octet-stream', dataOf(first, parts), log);
  });
  app.post('/skein/swarm/restore', (request, reply) => restore(backend, request, reply));
}

async function* dataOf(
  first: IteratorResult<{ readonly data: Uint8Array }>,
  rest: AsyncIterator<{ readonly data: Uint8Array }>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let part = first; part.done !== true; part = await rest.next()) {
      yield part.value.data;
    }
  } finally {
    await rest.return?.();
  }
}

/** The file is taken in as it is, sealed; the manager opens it. */
async function restore(
  backend: Backend,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const query = new Query(request);
  const secret = secretOf(request);
  const { root } = backend.host();
  const file = join(root, FILE_NAME);
  await mkdir(root, { recursive: true, mode: 0o711 });
  try {
    await pipeline(uploadOf(request), createWriteStream(file, { mode: 0o600 }));
    const nodeId = await backend.node.restore({
      listenAddr: query.string('listenAddr'),
      advertiseAddr: query.string('advertiseAddr'),
      dataPathAddr: query.string('dataPathAddr'),
      file,
      secret,
    });
    return await reply.type('application/json').send(JSON.stringify(nodeId));
  } finally {
    await rm(file, { force: true });
  }
}

/** Header values are base64, since a passphrase may hold any character. */
function secretOf(request: FastifyRequest): RestoreRequest['secret'] {
  const value = (name: string): string => {
    const header = request.headers[name];
    return typeof header === 'string' ? Buffer.from(header, 'base64').toString() : '';
  };
  const passphrase = value(PASSPHRASE_HEADER);
  const unlockKey = value(UNLOCK_KEY_HEADER);
  if ((passphrase === '') === (unlockKey === '')) {
    throw new SkeinError(
      'invalid',
      'restore-secret',
      `a restore needs either a passphrase (${PASSPHRASE_HEADER}) or an unlock key (${UNLOCK_KEY_HEADER}), in base64`,
    );
  }
  return passphrase === ''
    ? { kind: 'unlock-key', text: unlockKey }
    : { kind: 'passphrase', text: passphrase };
}
