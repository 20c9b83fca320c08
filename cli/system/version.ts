// skein version: this command's version and the daemon's.
import { defineCommand } from '../command.ts';
import { ConnectionError } from '../client/client.ts';
import type { Context } from '../context.ts';
import { SHORT_OBJECT_FORMAT, objectPrinter } from '../format/object.ts';
import { API_VERSION, SKEIN_VERSION } from '../version.ts';

interface ServerVersion {
  readonly Platform?: { readonly Name?: string };
  readonly Version?: string;
  readonly ApiVersion?: string;
  readonly MinAPIVersion?: string;
  readonly Os?: string;
  readonly Arch?: string;
  readonly KernelVersion?: string;
}

export const command = defineCommand({
  usage: 'version [OPTIONS]',
  summary: 'Show the skein version information',
  examples: [
    ['version', 'show the versions of the command and of the daemon'],
    [`version --format '{{.Server.Version}}'`, 'print one of them'],
  ],
  flags: { format: SHORT_OBJECT_FORMAT },
  args: { min: 0, max: 0 },
  async run(context, { flags }) {
    const { server, failure } = await askServer(context);
    const client = clientVersion();
    if (flags.format !== undefined) {
      objectPrinter(context.stdout, flags.format)({ Client: client, Server: server ?? null });
    } else {
      context.stdout.write(
        section('Client', {
          Version: client.Version,
          'API version': client.ApiVersion,
          'Node version': client.NodeVersion,
          'OS/Arch': `${client.Os}/${client.Arch}`,
        }),
      );
      if (server !== undefined) {
        context.stdout.write(
          `\n${section(`Server: ${server.Platform?.Name ?? ''}`.trimEnd(), serverFields(server))}`,
        );
      }
    }
    if (failure !== undefined) {
      throw failure;
    }
    return 0;
  },
});

async function askServer({ api }: Context): Promise<{ server?: ServerVersion; failure?: ConnectionError }> {
  try {
    return { server: await api.get<ServerVersion>('/version') };
  } catch (error) {
    if (error instanceof ConnectionError) {
      return { failure: error };
    }
    throw error;
  }
}

function clientVersion() {
  const arch: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return {
    Version: SKEIN_VERSION,
    ApiVersion: API_VERSION,
    NodeVersion: process.version,
    Os: process.platform,
    Arch: arch[process.arch] ?? process.arch,
  };
}

function serverFields(server: ServerVersion): Readonly<Record<string, string>> {
  return {
    Version: server.Version ?? '',
    'API version': `${server.ApiVersion ?? ''} (minimum version ${server.MinAPIVersion ?? ''})`,
    'OS/Arch': `${server.Os ?? ''}/${server.Arch ?? ''}`,
    'Kernel version': server.KernelVersion ?? '',
  };
}

function section(title: string, fields: Readonly<Record<string, string>>): string {
  const lines = Object.entries(fields).map(([name, value]) => ` ${`${name}:`.padEnd(16)} ${value}`);
  return `${title.endsWith(':') || title.includes(': ') ? title : `${title}:`}\n${lines.join('\n')}\n`;
}
