// --mount: `type=bind,source=…,target=…,readonly` and the options of each type.
import type { Mount } from '../client/types.ts';
import { UsageError } from '../errors.ts';
import { parseBoolean } from '../flags/flag.ts';
import { parseBytes } from '../flags/bytes.ts';
import { csvFields, keyValue } from './csv.ts';
import { toMap } from './pairs.ts';

const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'];

interface Draft {
  readonly base: Record<string, unknown>;
  readonly bind: Record<string, unknown>;
  readonly volume: Record<string, unknown>;
  readonly tmpfs: Record<string, unknown>;
  readonly driver: Record<string, unknown>;
  readonly labels: string[];
  readonly options: string[];
}

type Setter = (draft: Draft, value: string) => void;

const KEYS: Readonly<Record<string, Setter>> = {
  type: (draft, value) => {
    draft.base['Type'] = value.toLowerCase();
  },
  source: (draft, value) => {
    draft.base['Source'] = value;
  },
  target: (draft, value) => {
    draft.base['Target'] = value;
  },
  readonly: (draft, value) => {
    draft.base['ReadOnly'] = parseBoolean(value);
  },
  consistency: (draft, value) => {
    draft.base['Consistency'] = value.toLowerCase();
  },
  'bind-propagation': (draft, value) => {
    if (!PROPAGATIONS.includes(value.toLowerCase())) {
      throw new UsageError(`invalid bind-propagation '${value}' (must be ${PROPAGATIONS.join(', ')})`);
    }
    draft.bind['Propagation'] = value.toLowerCase();
  },
  'bind-nonrecursive': (draft, value) => {
    draft.bind['NonRecursive'] = parseBoolean(value);
  },
  'bind-recursive': (draft, value) => {
    const known: Readonly<Record<string, Record<string, boolean>>> = {
      enabled: {},
      disabled: { NonRecursive: true },
      writable: { ReadOnlyNonRecursive: true },
      readonly: { ReadOnlyForceRecursive: true },
    };
    const options = known[value];
    if (options === undefined) {
      throw new UsageError(`invalid bind-recursive '${value}' (must be ${Object.keys(known).join(', ')})`);
    }
    Object.assign(draft.bind, options);
  },
  'bind-create-src': (draft, value) => {
    draft.bind['CreateMountpoint'] = parseBoolean(value);
  },
  'volume-nocopy': (draft, value) => {
    draft.volume['NoCopy'] = parseBoolean(value);
  },
  'volume-subpath': (draft, value) => {
    draft.volume['Subpath'] = value;
  },
  'volume-driver': (draft, value) => {
    draft.driver['Name'] = value;
  },
  'volume-label': (draft, value) => {
    draft.labels.push(value);
  },
  'volume-opt': (draft, value) => {
    draft.options.push(value);
  },
  'tmpfs-size': (draft, value) => {
    draft.tmpfs['SizeBytes'] = parseBytes(value);
  },
  'tmpfs-mode': (draft, value) => {
    if (!/^[0-7]{1,5}$/.test(value)) {
      throw new UsageError(`invalid value for tmpfs-mode: ${value} (write octal digits, such as 1777)`);
    }
    draft.tmpfs['Mode'] = Number.parseInt(value, 8);
  },
};
const ALIASES: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
};
/** Keys that may stand without a value. */
const SWITCHES = ['readonly', 'volume-nocopy', 'bind-nonrecursive', 'bind-create-src'];

/** @throws UsageError */
export function parseMount(line: string): Mount {
  const draft: Draft = { base: {}, bind: {}, volume: {}, tmpfs: {}, driver: {}, labels: [], options: [] };
  for (const field of csvFields(line)) {
    const { key, value } = keyValue(field);
    const name = ALIASES[key] ?? key;
    const set = Object.hasOwn(KEYS, name) ? KEYS[name] : undefined;
    if (set === undefined) {
      throw new UsageError(`unexpected key '${key}' in '${field}'`);
    }
    if (value === undefined && !SWITCHES.includes(name)) {
      throw new UsageError(`invalid field '${field}' must be a key=value pair`);
    }
    set(draft, value ?? 'true');
  }
  return finish(draft);
}

function finish(draft: Draft): Mount {
  const type = String(draft.base['Type'] ?? 'volume');
  if (draft.base['Target'] === undefined) {
    throw new UsageError('target is required');
  }
  if (draft.labels.length > 0) {
    draft.volume['Labels'] = toMap(draft.labels);
  }
  if (draft.options.length > 0) {
    draft.driver['Options'] = toMap(draft.options);
  }
  if (Object.keys(draft.driver).length > 0) {
    draft.volume['DriverConfig'] = draft.driver;
  }
  const sections = { bind: draft.bind, volume: draft.volume, tmpfs: draft.tmpfs };
  for (const [owner, options] of Object.entries(sections)) {
    if (owner !== type && Object.keys(options).length > 0) {
      throw new UsageError(`cannot mix '${owner}-*' options with mount type '${type}'`);
    }
  }
  return {
    ...draft.base,
    Type: type,
    ...(Object.keys(draft.bind).length > 0 && { BindOptions: draft.bind }),
    ...(Object.keys(draft.volume).length > 0 && { VolumeOptions: draft.volume }),
    ...(Object.keys(draft.tmpfs).length > 0 && { TmpfsOptions: draft.tmpfs }),
  };
}
