// The nft command, run inside a network namespace: one process per atomic change. A child process inherits
// the namespace of the thread that spawns it, so no wrapper command is needed.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Clock } from '../../shared/clock.ts';
import { SkeinError } from '../../shared/errors.ts';
import { type NamespaceRef, inNamespace } from './namespace.ts';
import { decodeAttributes } from './netlink-message.ts';
import { NETLINK_NETFILTER, NetlinkSocket } from './netlink-socket.ts';

/** A change takes milliseconds; one that takes this long will never end. */
const NFT_TIMEOUT_MS = 10_000;
/** Ruleset text of one table with thousands of services stays below this. */
const OUTPUT_MAX_BYTES = 32 * 1024 * 1024;
const ERROR_TEXT_MAX = 2000;

/**
 * Runs `nft ARGS` with `input` on its standard input and returns its output.
 * @throws SkeinError `nft-missing`, `nft-timeout`, or `nft-failed` with nft's own words
 */
export function runNft(
  clock: Clock,
  namespace: NamespaceRef,
  args: readonly string[],
  input: string,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child: ChildProcessWithoutNullStreams = inNamespace(namespace, () =>
      spawn('nft', args, {
        stdio: 'pipe',
        env: { PATH: process.env['PATH'] ?? '/usr/sbin:/usr/bin:/sbin:/bin' },
      }),
    );
    const output: Buffer[] = [];
    let outputBytes = 0;
    let problem = '';
    let late = false;
    const timer = clock.after(NFT_TIMEOUT_MS, () => {
      late = true;
      child.kill('SIGKILL');
    });
    child.stdout.on('data', (chunk: Buffer) => {
      outputBytes += chunk.length;
      if (outputBytes <= OUTPUT_MAX_BYTES) {
        output.push(chunk);
      } else {
        child.kill('SIGKILL');
      }
    });
    child.stderr.on('data', (chunk: Buffer) => {
      problem = (problem + chunk.toString('utf8')).slice(0, ERROR_TEXT_MAX);
    });
    child.on('error', (cause) => {
      timer.cancel();
      reject(
        new SkeinError('unavailable', 'nft-missing', 'cannot run nft: install the package nftables', {
          cause,
        }),
      );
    });
    child.on('close', (code) => {
      timer.cancel();
      if (late) {
        reject(new SkeinError('timeout', 'nft-timeout', `nft did not end within ${NFT_TIMEOUT_MS} ms`));
      } else if (code !== 0) {
        reject(new SkeinError('internal', 'nft-failed', `nft ${args.join(' ')}: ${problem.trim()}`));
      } else {
        resolve(Buffer.concat(output).toString('utf8'));
      }
    });
    // A child that ended early breaks the pipe; its exit code tells the reason.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
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
