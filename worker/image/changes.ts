// The Dockerfile instructions that `image import --change` takes, applied to an image config.
import { SkeinError } from '../../shared/errors.ts';

export type RunConfig = Record<string, unknown>;

const KNOWN = 'CMD, ENTRYPOINT, ENV, EXPOSE, HEALTHCHECK NONE, LABEL, STOPSIGNAL, USER, VOLUME, WORKDIR';

function bad(line: string, why: string): SkeinError {
  return new SkeinError('invalid', 'bad-change', `invalid change '${line}': ${why}`);
}

/** The `config` section of an OCI image config, in its JSON names. @throws SkeinError `bad-change` */
export function applyChanges(changes: readonly string[]): RunConfig {
  const config: RunConfig = {};
  for (const line of changes) {
    applyChange(config, line.trim());
  }
  return config;
}

function applyChange(config: RunConfig, line: string): void {
  const [, instruction = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
  if (rest === '') {
    throw bad(line, `it takes an instruction with a value (${KNOWN})`);
  }
  switch (instruction.toUpperCase()) {
    case 'CMD':
      config['Cmd'] = commandOf(rest);
      return;
    case 'ENTRYPOINT':
      config['Entrypoint'] = commandOf(rest);
      return;
    case 'ENV':
      config['Env'] = [...list(config['Env']), ...pairs(line, rest).map(([key, value]) => `${key}=${value}`)];
      return;
    case 'LABEL':
      config['Labels'] = { ...asObject(config['Labels']), ...Object.fromEntries(pairs(line, rest)) };
      return;
    case 'EXPOSE':
      config['ExposedPorts'] = {
        ...asObject(config['ExposedPorts']),
        ...Object.fromEntries(
          rest.split(/\s+/).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]),
        ),
      };
      return;
    case 'VOLUME':
      config['Volumes'] = {
        ...asObject(config['Volumes']),
        ...Object.fromEntries(volumes(rest).map((path) => [path, {}])),
      };
      return;
    case 'USER':
      config['User'] = rest;
      return;
    case 'WORKDIR':
      config['WorkingDir'] = rest;
      return;
    case 'STOPSIGNAL':
      config['StopSignal'] = rest;
      return;
    case 'HEALTHCHECK':
      if (rest.toUpperCase() !== 'NONE') {
        throw bad(line, 'only HEALTHCHECK NONE is taken here');
      }
      config['Healthcheck'] = { Test: ['NONE'] };
      return;
    default:
      throw bad(line, `${instruction} is not one of ${KNOWN}`);
  }
}

/** JSON form is taken as it is, anything else runs in a shell. */
function commandOf(text: string): string[] {
  return jsonList(text) ?? ['/bin/sh', '-c', text];
}

function jsonList(text: string): string[] | undefined {
  if (!text.startsWith('[')) {
    return undefined;
  }
  try {
    const parsed: unknown = JSON.parse(text);
    return Array.isArray(parsed) && parsed.every((item) => typeof item === 'string') ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function volumes(text: string): string[] {
  return jsonList(text) ?? text.split(/\s+/);
}

/** `A=1 B="two words"`, or the old form `A rest of line`. */
function pairs(line: string, text: string): [string, string][] {
  if (!/^[^\s=]+=/.test(text)) {
    const [, key, value] = /^(\S+)\s+(.*)$/s.exec(text) ?? [];
    if (key === undefined || value === undefined) {
      throw bad(line, 'it takes KEY=VALUE');
    }
    return [[key, value]];
  }
  return [...text.matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map((match) => {
    const value = match[2] ?? '';
    return [match[1] ?? '', value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value];
  });
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
