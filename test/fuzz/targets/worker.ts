// What reaches a node: images and their parts, DNS packets, netlink answers, and the files and lines that the runtime
// and containers leave behind.
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { decode, encode } from 'dns-packet';
import { pack } from 'tar-stream';
import { readState } from '../../../daemon/node/state_file.ts';
import { task } from '../../support/objects.ts';
import { layOut, readArchive } from '../../../worker/image/archive.ts';
import { parseImageConfig, parseIndex, parseJson, parseManifest } from '../../../worker/image/documents.ts';
import { unpackLayer } from '../../../worker/image/unpack.ts';
import { parseDestination, parseService } from '../../../worker/kernel/genetlink_ipvs.ts';
import {
  decodeAttributes,
  decodeError,
  decodeMessages,
  encodeMessage,
} from '../../../worker/kernel/netlink_message.ts';
import {
  decide,
  fitDatagram,
  isTruncated,
  parseQuery,
  udpResponse,
} from '../../../worker/network/dns/answer.ts';
import { parseAnswer } from '../../../worker/runtime/conmon.ts';
import { parseState } from '../../../worker/runtime/container_state.ts';
import { LineJoiner, parseLogLine } from '../../../worker/runtime/cri_log.ts';
import { encodeObject } from '../../../shared/wire/objects.ts';
import { TaskDatabase } from '../../../worker/agent/task_database.ts';
import { silentLogger } from '../../../shared/log.ts';
import { check, type FuzzTarget } from '../target.ts';

const DIGEST = `sha256:${'0'.repeat(64)}`;
const DESCRIPTOR = { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: DIGEST, size: 10 };
const MANIFEST = { schemaVersion: 2, config: DESCRIPTOR, layers: [DESCRIPTOR] };
const INDEX = {
  schemaVersion: 2,
  manifests: [{ ...DESCRIPTOR, platform: { architecture: 'amd64', os: 'linux' } }],
};
const CONFIG = {
  architecture: 'amd64',
  os: 'linux',
  created: '2024-01-01T00:00:00Z',
  config: { Cmd: ['a'], Env: ['a=b'], Labels: { a: 'b' }, Healthcheck: { Test: ['CMD', 'x'] } },
  rootfs: { type: 'layers', diff_ids: [DIGEST] },
  history: [{ created: '2024-01-01T00:00:00Z', created_by: 'x', empty_layer: true }],
};

type Member = Parameters<ReturnType<typeof pack>['entry']>[0] & { readonly body?: string };

async function tarOf(members: readonly Member[]): Promise<Buffer> {
  const archive = pack();
  for (const { body, ...header } of members) {
    archive.entry(header, body ?? '');
  }
  archive.finalize();
  const parts: Uint8Array[] = [];
  for await (const part of archive) {
    check(part instanceof Uint8Array, 'a tar is bytes');
    parts.push(part as Uint8Array);
  }
  return Buffer.concat(parts);
}

const LAYER: readonly Member[] = [
  { name: 'etc/', type: 'directory', mode: 0o755 },
  { name: 'etc/passwd', mode: 0o4755, uid: 5, body: 'root:x:0:0' },
  { name: 'etc/link', type: 'symlink', linkname: '../../../../etc/passwd' },
  { name: 'etc/hard', type: 'link', linkname: 'etc/passwd' },
  { name: 'etc/.wh.gone', body: '' },
  { name: 'pipe', type: 'fifo' },
  { name: 'x'.repeat(120), pax: { path: 'etc/long', 'SCHILY.xattr.user.a': 'b' }, body: 'long' },
];

/** Runs in an empty directory beside a canary; nothing may appear outside the inner one. */
async function contained(run: (directory: string) => Promise<void>): Promise<void> {
  const outer = await mkdtemp(join(tmpdir(), 'skt-fuzz-'));
  const inner = join(outer, 'inner');
  await mkdir(inner);
  try {
    await run(inner);
  } finally {
    const names = await readdir(outer);
    await rm(outer, { recursive: true, force: true });
    check(names.join() === 'inner', `something was written outside: ${names.join()}`);
  }
}

function images(): readonly FuzzTarget[] {
  const signal = new AbortController().signal;
  const json = (name: string, seed: object, run: (input: Buffer) => unknown): FuzzTarget => ({
    name,
    form: 'json',
    seeds: () => [Buffer.from(`\n${JSON.stringify(seed)}`)],
    run,
  });
  return [
    json('image manifest', MANIFEST, (input) => parseManifest(parseJson(input, 'm'), 'm')),
    json('image index', INDEX, (input) => parseIndex(parseJson(input, 'i'), 'i')),
    json('image config', CONFIG, (input) => parseImageConfig(input, 'c')),
    {
      name: 'layer',
      form: 'bytes',
      seeds: async () => [await tarOf(LAYER), await tarOf(LAYER.slice(0, 2)), await tarOf(LAYER.slice(6))],
      run: (input) => contained((directory) => unpackLayer(Readable.from([input]), directory, signal)),
    },
    {
      name: 'image archive',
      form: 'bytes',
      seeds: async () => {
        const docker = await tarOf([
          {
            name: 'manifest.json',
            body: JSON.stringify([{ Config: 'c.json', RepoTags: ['a:1'], Layers: ['l.tar'] }]),
          },
          { name: 'c.json', body: JSON.stringify(CONFIG) },
          { name: 'l.tar', body: 'x' },
        ]);
        const oci = await tarOf([
          { name: 'index.json', body: JSON.stringify(INDEX) },
          { name: `blobs/sha256/${'0'.repeat(64)}`, body: JSON.stringify(MANIFEST) },
        ]);
        return [docker, oci, gzipSync(docker)];
      },
      run: (input) =>
        contained(async (directory) => {
          await layOut(Readable.from([input]), directory, signal);
          await readArchive(directory);
        }),
    },
  ];
}

function network(): readonly FuzzTarget[] {
  const query = (name: string, type: 'A' | 'PTR') =>
    encode({ id: 7, type: 'query', questions: [{ name, type }] });
  const attribute = (type: number, value: string) => ({ type, value: Buffer.from(value) });
  return [
    {
      name: 'DNS query',
      form: 'bytes',
      seeds: () => [query('web', 'A'), query('tasks.web', 'A'), query('1.0.0.10.in-addr.arpa', 'PTR')],
      run: (input) => {
        const packet = parseQuery(input);
        if (packet !== undefined) {
          decide(packet, [], 1);
          const answer = udpResponse(packet, [], 0);
          fitDatagram(packet, answer);
          decode(answer);
        }
        isTruncated(input);
      },
    },
    {
      name: 'netlink answer',
      form: 'bytes',
      seeds: () => [
        encodeMessage(
          {
            label: 'link',
            type: 16,
            flags: 0,
            fixed: Buffer.alloc(16),
            attributes: [attribute(3, 'eth0\0')],
          },
          1,
        ),
        encodeMessage(
          {
            label: 'error',
            type: 2,
            flags: 0x200,
            fixed: Buffer.alloc(20),
            attributes: [attribute(1, 'why\0')],
          },
          2,
        ),
        encodeMessage(
          {
            label: 'ipvs',
            type: 30,
            flags: 0,
            fixed: Buffer.alloc(4),
            attributes: [{ type: 1, value: [attribute(6, 'rr\0')] }],
          },
          3,
        ),
      ],
      // The kernel is trusted to write whole attributes: a short one is an error with a stack, never a wrong value.
      run: (input) => {
        for (const message of decodeMessages(input)) {
          for (const read of [decodeError, parseService, parseDestination]) {
            try {
              read(message);
            } catch (error) {
              check(error instanceof RangeError, `threw ${String(error)}`);
            }
          }
          decodeAttributes(message.payload, 16);
        }
      },
    },
  ];
}

function runtime(): readonly FuzzTarget[] {
  let root = '';
  return [
    {
      name: 'container log line',
      form: 'text',
      seeds: () => [
        Buffer.from('2024-01-01T00:00:00.123456789Z stdout F hello'),
        Buffer.from('2024-01-01T00:00:00.1+01:00 stderr P hel'),
      ],
      run: (input) => {
        const piece = parseLogLine(input);
        if (piece !== undefined) {
          new LineJoiner().add(piece);
        }
      },
    },
    {
      name: "monitor's answer",
      form: 'text',
      seeds: () => [Buffer.from('{"pid": 123}'), Buffer.from('{"pid": -1, "message": "no such file"}')],
      run: (input) => parseAnswer(input.toString()),
    },
    {
      name: 'container state',
      form: 'text',
      seeds: () => [Buffer.from('{"id":"x","taskId":"t","pid":5,"startTicks":9,"createdAt":1}')],
      run: (input) => parseState(input.toString()),
    },
    {
      name: 'node state file',
      form: 'text',
      seeds: () => [
        Buffer.from(
          JSON.stringify({
            listenAddress: '0.0.0.0:2377',
            advertiseAddress: '10.0.0.1:2377',
            dataPathAddress: '10.0.0.1',
            interfaces: { '10.0.0.1': 'eth0' },
            managers: [{ nodeId: 'a', address: '10.0.0.1:2377' }],
          }),
        ),
      ],
      run: (input) => readState(input.toString(), 'node.json'),
    },
    {
      name: 'task database',
      form: 'bytes',
      seeds: async () => {
        root = await mkdtemp(join(tmpdir(), 'skt-fuzz-'));
        return [Buffer.from(encodeObject('task', task({ id: 't'.repeat(25) })))];
      },
      run: async (input) => {
        await mkdir(join(root, 'tasks'), { recursive: true });
        await writeFile(join(root, 'tasks', 't'.repeat(25)), input);
        await new TaskDatabase({ logger: silentLogger }, { root }).load();
      },
      close: () => rm(root, { recursive: true, force: true }),
    },
  ];
}

export function workerTargets(): readonly FuzzTarget[] {
  return [...images(), ...network(), ...runtime()];
}
