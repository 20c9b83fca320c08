// The nft command, run inside a network namespace: one process per atomic change. A child process inherits
// the namespace of the thread that spawns it, so no wrapper command is needed.
import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';
import { type NamespaceRef, inNamespace } from './namespace.ts';
import { decodeAttributes } from './netlink_message.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from './netlink_socket.ts';
import { type SpawnedProcess, spawnProcess } from './spawn.ts';

/** A change takes milliseconds; one that takes this long will never end. */
const NFT_TIMEOUT_MS = 10_000;
/** Ruleset text of one table with thousands of services stays below this. */
const OUTPUT_MAX_BYTES = 32 * 1024 * 1024;
const ERROR_TEXT_MAX = 2000;

/**
 * Runs `nft ARGS` with `input` on its standard input and returns its output.
 * @throws SkeinError `nft-missing`, `nft-timeout`, or `nft-failed` with nft's own words
 */
export async function runNft(
  clock: Clock,
  namespace: NamespaceRef,
  args: readonly string[],
  input: string,
): Promise<string> {
  const child = inNamespace(namespace, () => begin(args));
  return withLimit(clock, child, async () => {
    const [output, problem, { code }] = await Promise.all([
      textOf(child.pipes.get(1), OUTPUT_MAX_BYTES),
      textOf(child.pipes.get(2), ERROR_TEXT_MAX),
      child.exited,
      give(child.pipes.get(0), input),
    ]);
    if (code !== 0) {
      throw new SkeinError('internal', 'nft-failed', `nft ${args.join(' ')}: ${problem.trim()}`);
    }
    return output;
  });
}

function begin(args: readonly string[]): SpawnedProcess {
  try {
    const env = { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' };
    return spawnProcess({ file: 'nft', args, env, readFrom: [1, 2], writeTo: [0] });
  } catch (cause) {
    throw new SkeinError('unavailable', 'nft-missing', 'cannot run nft: install the package nftables', {
      cause,
    });
  }
}

/** Ends the child when it takes too long, and says so. */
async function withLimit(clock: Clock, child: SpawnedProcess, work: () => Promise<string>): Promise<string> {
  let late = false;
  const timer = clock.after(NFT_TIMEOUT_MS, () => {
    late = true;
    child.kill('SIGKILL');
  });
  try {
    return await work();
  } catch (error) {
    throw late
      ? new SkeinError('timeout', 'nft-timeout', `nft did not end within ${NFT_TIMEOUT_MS} ms`)
      : error;
  } finally {
    timer.cancel();
  }
}

/** What the pipe brings until its end; beyond the limit it is closed, which ends the writer. */
async function textOf(pipe: Socket | undefined, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of pipe ?? []) {
    bytes += chunk.length;
    if (bytes > limitBytes) {
      break;
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A child that ended early breaks the pipe; its exit code tells the reason. */
function give(pipe: Socket | undefined, input: string): Promise<void> {
  return new Promise((resolve) => {
    pipe?.once('error', () => resolve());
    pipe?.once('close', () => resolve());
    pipe?.end(input, () => pipe.destroy());
  });
}

/** Applies a ruleset text in one transaction. */
export async function applyNft(clock: Clock, namespace: NamespaceRef, ruleset: string): Promise<void> {
  await runNft(clock, namespace, ['-f', '-'], ruleset);
}

/** NFNL_SUBSYS_NFTABLES in the upper byte, NFT_MSG_GETGEN in the lower. */
const GET_GENERATION = 0xa10;
const NFTA_GEN_ID = 1;
const NFGENMSG_BYTES = 4;

/** Grows with every transaction on the namespace's tables, whoever commits it: cheap to ask, by netlink. */
export function nftGeneration(namespace: NamespaceRef): number {
  const socket = new NetlinkSocket(namespace, NETLINK_NETFILTER);
  try {
    const [answer] = socket.query({
      type: GET_GENERATION,
      flags: 0,
      fixed: new Uint8Array(NFGENMSG_BYTES),
      attributes: [],
      label: 'generation of the nft tables',
    });
    const id = decodeAttributes(answer?.payload ?? Buffer.alloc(NFGENMSG_BYTES), NFGENMSG_BYTES).get(
      NFTA_GEN_ID,
    );
    return id?.readUInt32BE() ?? 0;
  } finally {
    socket.close();
  }
}

/**
 * The kernel's own rendering of a table, without counters and handles; empty when there is none.
 * @param table absent: of everything in the namespace
 */
export async function listNft(clock: Clock, namespace: NamespaceRef, table?: string): Promise<string> {
  const what = table === undefined ? ['ruleset'] : ['table', 'inet', table];
  try {
    return await runNft(clock, namespace, ['-s', 'list', ...what], '');
  } catch (error) {
    if (error instanceof SkeinError && /No such file or directory/.test(error.message)) {
      return '';
    }
    throw error;
  }
}
