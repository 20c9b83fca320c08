// Who may import whom, as ARCHITECTURE.md draws it, checked on the text of every source file.
import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

export interface SourceFile {
  /** Relative to the project's root, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Single files that all of the house stands on. */
const GROUND = ['clock', 'errors', 'ids', 'lifecycle', 'log', 'pass_loop', 'queue', 'random'].map(
  (name) => `shared/${name}.ts`,
);

/** What every part of the node's networking knows. */
const NETWORK_WORDS = ['worker/network/api.ts', 'worker/network/errors.ts', 'worker/network/coalescer.ts'];

/** For a path prefix: the prefixes it may import from besides itself. The longest matching prefix rules. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'shared/model': ['shared/errors.ts'],
  'shared/wire/generated': [],
  'shared/protocol': ['shared/model', ...GROUND],
  'shared/identity': ['shared/model', 'shared/protocol', ...GROUND],
  'shared/rpc': ['shared/model', 'shared/protocol', 'shared/identity', ...GROUND],
  'shared/wire': ['shared/model', 'shared/protocol', 'shared/rpc', ...GROUND],
  shared: ['shared'],
  'manager/raft/core': [],
  'manager/raft': ['shared'],
  'manager/store': ['shared', 'manager/raft/api.ts'],
  'manager/allocator': ['shared', 'manager/store'],
  'manager/scheduler': ['shared', 'manager/store'],
  'manager/orchestrator': ['shared', 'manager/store'],
  'manager/dispatcher': ['shared', 'manager/store'],
  'manager/logs': ['shared', 'manager/store'],
  'manager/control': ['shared', 'manager/store'],
  'manager/network_keys': ['shared', 'manager/store'],
  'manager/ca': ['shared', 'manager/store'],
  'manager/membership': ['shared', 'manager/store', 'manager/raft/api.ts'],
  manager: ['shared', 'manager'],
  'worker/kernel': ['shared'],
  'worker/image': ['shared', 'worker/kernel'],
  'worker/volume': ['shared', 'worker/kernel'],
  'worker/network/plan': ['shared', 'worker/kernel', ...NETWORK_WORDS],
  'worker/network/dns': ['shared', 'worker/kernel', ...NETWORK_WORDS, 'worker/network/plan'],
  'worker/network/encryption': ['shared', 'worker/kernel', ...NETWORK_WORDS, 'worker/network/plan'],
  'worker/network/table': ['shared', 'worker/kernel', ...NETWORK_WORDS, 'worker/network/plan'],
  'worker/network/balance': [
    'shared',
    'worker/kernel',
    ...NETWORK_WORDS,
    'worker/network/plan',
    'worker/network/table',
  ],
  'worker/network/host': [
    'shared',
    'worker/kernel',
    ...NETWORK_WORDS,
    'worker/network/plan',
    'worker/network/table',
  ],
  'worker/network/namespace': [
    'shared',
    'worker/kernel',
    ...NETWORK_WORDS,
    'worker/network/plan',
    'worker/network/table',
    'worker/network/balance',
    'worker/network/encryption',
    'worker/network/host',
  ],
  'worker/network': ['shared', 'worker/kernel'],
  'worker/runtime': [
    'shared',
    'worker/kernel',
    'worker/image/api.ts',
    'worker/network/api.ts',
    'worker/volume',
  ],
  'worker/attachment': ['shared'],
  'worker/container': [
    'shared',
    'worker/kernel',
    'worker/image',
    'worker/runtime',
    'worker/volume',
    'worker/network/api.ts',
    'worker/attachment/api.ts',
  ],
  'worker/agent': ['shared', 'worker'],
  worker: ['shared', 'worker'],
  daemon: ['shared', 'worker'],
  cli: [],
  deploy: [],
  bench: ['shared', 'manager', 'worker'],
  test: ['shared', 'manager', 'worker', 'daemon', 'cli', 'bench'],
};

/** Only these may touch generated code, or what is not theirs to know. */
const ONLY_WIRE_IMPORTS = 'shared/wire/generated';

/** Node's modules that pure code must not know. */
const PURE = ['manager/raft/core', 'shared/model'];

const IMPORT =
  /(?:^|\n)\s*(?:import|export)\s[^;'"]*?from\s*['"]([^'"]+)['"]|(?:^|\n)\s*import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(file: SourceFile): string[] {
  return [...file.text.matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

function isTest(path: string): boolean {
  return /(?:^|\/)test\//.test(path) || path.endsWith('.test.ts') || path.endsWith('.config.ts');
}

function within(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function ruleFor(path: string): string | undefined {
  return Object.keys(ALLOWED)
    .filter((prefix) => within(path, prefix))
    .sort((left, right) => right.length - left.length)[0];
}

/** Every import that the layering forbids, a line each; empty when the house is in order. */
export function layeringViolations(files: readonly SourceFile[]): string[] {
  const violations: string[] = [];
  for (const file of files) {
    if (isTest(file.path)) {
      continue;
    }
    const rule = ruleFor(file.path);
    if (rule === undefined) {
      violations.push(`${file.path}: lies in no known folder`);
      continue;
    }
    for (const specifier of importsOf(file)) {
      const violation = checkImport(file.path, rule, specifier);
      if (violation !== undefined) {
        violations.push(`${file.path}: ${violation}`);
      }
    }
  }
  return violations;
}

function checkImport(path: string, rule: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) {
    return PURE.some((folder) => within(path, folder)) ? `pure code imports '${specifier}'` : undefined;
  }
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (within(target, ONLY_WIRE_IMPORTS) && !within(path, 'shared/wire')) {
    return `only shared/wire touches generated code, not '${target}'`;
  }
  const allowed = [rule, ...(ALLOWED[rule] ?? [])];
  return allowed.some((prefix) => within(target, prefix))
    ? undefined
    : `'${rule}' may not import '${target}'`;
}

/** All TypeScript sources of the project below `root`. */
export function readSources(root: string): SourceFile[] {
  const folders = ['shared', 'manager', 'worker', 'daemon', 'cli', 'bench', 'test'];
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => ({
        path: posix.join(folder, name),
        text: readFileSync(join(root, folder, name), 'utf8'),
      })),
  );
}
