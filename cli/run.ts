// From the words of the command line to an exit code: global flags, the command they name, help, and errors
// on stderr. It prints through the streams it is given and never ends the process.
import { DEFAULT_HOST, type Endpoint, findEndpoint } from './client/host.ts';
import type { Command } from './command.ts';
import type { Context, Output } from './context.ts';
import { CliError, EXIT_USAGE, UsageError } from './errors.ts';
import { list, text, toggle } from './flags/flag.ts';
import { HelpRequested, parseFlags } from './flags/parse.ts';
import { closest } from './suggest.ts';
import { type Entry, type Group, isGroup, ROOT } from './tree.ts';
import { SKEIN_VERSION } from './version.ts';

export interface RunEnvironment {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  context(endpoint: Endpoint): Context;
}

const GLOBAL_FLAGS = {
  host: list(
    `Daemon socket to connect to (or SKEIN_HOST, DOCKER_HOST; default ${DEFAULT_HOST})`,
    'H',
    'string',
  ),
  tls: toggle('Use TLS without checking the daemon'),
  tlscacert: text('Trust certificates signed only by this CA'),
  tlscert: text('Path to TLS certificate file'),
  tlskey: text('Path to TLS key file'),
  tlsverify: toggle('Use TLS and verify the daemon (or DOCKER_TLS_VERIFY)'),
  version: toggle('Print version information and quit', 'v'),
};

/** @returns the exit code */
export async function run(words: readonly string[], environment: RunEnvironment): Promise<number> {
  let found: Found | undefined;
  try {
    const line = parseFlags(GLOBAL_FLAGS, words, { interspersed: false });
    if (line.flags.version) {
      environment.stdout.write(`skein version ${SKEIN_VERSION}\n`);
      return 0;
    }
    const endpoint = () => findEndpoint(hostOptions(line.flags), environment.env);
    found = find(line.args);
    if (found.command === undefined) {
      return await showGroup(found, environment.stdout);
    }
    const command = await found.command();
    if (asksForHelp(command, found.rest)) {
      throw new HelpRequested();
    }
    return await command.execute(environment.context(endpoint()), found.rest);
  } catch (error) {
    return report(error, found, environment);
  }
}

interface Found {
  /** The names walked so far: `service`, `ls`. */
  readonly path: readonly string[];
  readonly group: Group;
  readonly command: (() => Promise<Command>) | undefined;
  readonly rest: readonly string[];
}

function find(words: readonly string[]): Found {
  let group: Group = ROOT;
  const path: string[] = [];
  for (const [index, word] of words.entries()) {
    if (word === '--help' || word === '-h' || (word === 'help' && path.length === 0)) {
      continue;
    }
    const entry: Entry | undefined = entryOf(group, word);
    if (entry === undefined) {
      throw unknown(group, path, word);
    }
    path.push(word);
    if (!isGroup(entry)) {
      const asked = words.slice(0, index).some((before) => ['--help', '-h', 'help'].includes(before));
      const rest = words.slice(index + 1);
      return { path, group, command: entry.load, rest: asked ? ['--help', ...rest] : rest };
    }
    group = entry;
  }
  return { path, group, command: undefined, rest: [] };
}

function entryOf(group: Group, word: string): Entry | undefined {
  const entries = Object.entries(group.entries);
  return (
    entries.find(([name]) => name === word)?.[1] ??
    entries.find(([, entry]) => !isGroup(entry) && entry.aliases.includes(word))?.[1]
  );
}

function unknown(group: Group, path: readonly string[], word: string): CliError {
  const name = ['skein', ...path].join(' ');
  if (word.startsWith('-')) {
    return new CliError(
      `unknown flag: ${word.replace(/=.*$/s, '')}\n\nRun '${name} --help' for more information`,
      {
        exitCode: EXIT_USAGE,
      },
    );
  }
  const near = closest(word, Object.keys(group.entries));
  const hint = near === undefined ? '' : `\n\nDid you mean this?\n  ${name} ${near}`;
  return new CliError(
    `skein: unknown command: ${name} ${word}${hint}\n\nRun '${name} --help' for more information`,
    { exitCode: EXIT_USAGE },
  );
}

/** --help wins over everything wrong with the rest of the line, but not behind `--` or a service's command. */
function asksForHelp(command: Command, rest: readonly string[]): boolean {
  const end = command.usage.includes('[ARG...]')
    ? rest.findIndex((word) => !word.startsWith('-'))
    : rest.indexOf('--');
  const own = end === -1 ? rest : rest.slice(0, end);
  return own.includes('--help');
}

async function showGroup(found: Found, out: Output): Promise<number> {
  const { groupHelp } = await import('./group_help.ts');
  out.write(groupHelp(found.path, found.group, GLOBAL_FLAGS, out.columns));
  return 0;
}

async function report(
  error: unknown,
  found: Found | undefined,
  { stdout, stderr }: RunEnvironment,
): Promise<number> {
  if (error instanceof HelpRequested) {
    if (found?.command === undefined) {
      return showGroup(found ?? { path: [], group: ROOT, command: undefined, rest: [] }, stdout);
    }
    const { commandHelp } = await import('./help.ts');
    stdout.write(commandHelp(await found.command(), stdout.columns));
    return 0;
  }
  if (!(error instanceof CliError)) {
    throw error;
  }
  const usage =
    error instanceof UsageError && found?.command !== undefined ? (await found.command()).usage : undefined;
  const name = ['skein', ...(found?.path ?? [])].join(' ');
  const more = error instanceof UsageError ? `\n\nRun '${name} --help' for more information` : '';
  if (error.message !== '') {
    stderr.write(`${error.message}${usage === undefined ? '' : `\n\nUsage:  skein ${usage}`}${more}\n`);
  }
  return error.exitCode;
}

function hostOptions(flags: {
  readonly host: readonly string[];
  readonly tls: boolean;
  readonly tlsverify: boolean;
  readonly tlscacert: string | undefined;
  readonly tlscert: string | undefined;
  readonly tlskey: string | undefined;
}) {
  if (flags.host.length > 1) {
    throw new CliError('specify only one -H', { exitCode: EXIT_USAGE });
  }
  return {
    host: flags.host[0],
    tls: flags.tls,
    tlsVerify: flags.tlsverify,
    tlsCaCert: flags.tlscacert,
    tlsCert: flags.tlscert,
    tlsKey: flags.tlskey,
  };
}
