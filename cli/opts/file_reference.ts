// --secret and --config: a name alone, or `source=…,target=…,uid=…,gid=…,mode=0440`. Names become ids later.
import { UsageError } from '../errors.ts';
import { csvFields, keyValue } from './csv.ts';

export interface FileTarget {
  readonly source: string;
  readonly target: string;
  readonly uid: string;
  readonly gid: string;
  readonly mode: number;
}

const DEFAULT_MODE = 0o444;

/** `defaultTarget` makes the file's name from the object's. @throws UsageError */
export function parseFileReference(line: string, defaultTarget: (name: string) => string): FileTarget {
  const fields = csvFields(line);
  const [first = ''] = fields;
  if (fields.length === 1 && !first.includes('=')) {
    if (first === '') {
      throw new UsageError('source is required');
    }
    return { source: first, target: defaultTarget(first), uid: '0', gid: '0', mode: DEFAULT_MODE };
  }
  const values: Record<string, string> = {};
  for (const field of fields) {
    const { key, value } = keyValue(field);
    if (value === undefined) {
      throw new UsageError(`invalid field '${field}' must be a key=value pair`);
    }
    const name = key === 'src' ? 'source' : key;
    if (!['source', 'target', 'uid', 'gid', 'mode'].includes(name)) {
      throw new UsageError(`invalid field in file reference: ${key}`);
    }
    values[name] = value;
  }
  const source = values['source'] ?? '';
  if (source === '') {
    throw new UsageError('source is required');
  }
  return {
    source,
    target: values['target'] ?? defaultTarget(source),
    uid: values['uid'] ?? '0',
    gid: values['gid'] ?? '0',
    mode: fileMode(values['mode']),
  };
}

/** Octal with a leading 0, as Go reads it; other digits are decimal. */
function fileMode(text: string | undefined): number {
  if (text === undefined) {
    return DEFAULT_MODE;
  }
  if (!/^0?[0-7]+$|^[1-9]\d*$|^0o[0-7]+$/.test(text)) {
    throw new UsageError(`invalid mode specified: '${text}'`);
  }
  return Number.parseInt(text.replace('0o', ''), text.startsWith('0') ? 8 : 10);
}
