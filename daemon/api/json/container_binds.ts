// Docker's short texts for mounts: `source:target[:options]` of -v, and the options of --tmpfs.
import { SkeinError } from '../../../shared/errors.ts';
import type { Mount } from '../../../shared/model/container.ts';
import { notImplemented } from '../errors.ts';

const PROPAGATIONS = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave'] as const;
/** Set on every tmpfs of a container in any case. */
const TMPFS_GIVEN: ReadonlySet<string> = new Set(['', 'rw', 'noexec', 'nosuid', 'nodev']);
const UNITS: Readonly<Record<string, number>> = { '': 1, b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

function badBind(text: string): SkeinError {
  return new SkeinError('invalid', 'bad-bind', `invalid volume specification: '${text}'`);
}

/** A directory of the host that is missing is made, as Docker does for this form. */
export function bindMount(text: string): Mount {
  const [source = '', target = '', options = '', ...more] = text.split(':');
  if (source === '' || !target.startsWith('/') || more.length > 0) {
    throw badBind(text);
  }
  let readOnly = false;
  let noCopy = false;
  let propagation: (typeof PROPAGATIONS)[number] | undefined;
  for (const option of options.split(',')) {
    const asPropagation = PROPAGATIONS.find((one) => one === option);
    if (option === 'ro' || option === 'nocopy') {
      readOnly ||= option === 'ro';
      noCopy ||= option === 'nocopy';
    } else if (asPropagation !== undefined) {
      propagation = asPropagation;
    } else if (!['', 'rw', 'z', 'Z', 'rbind'].includes(option)) {
      throw badBind(text);
    }
  }
  if (source.startsWith('/')) {
    const bind = { nonRecursive: false, createMountpoint: true, ...(propagation && { propagation }) };
    return { type: 'bind', source, target, readOnly, bind };
  }
  return { type: 'volume', source, target, readOnly, volume: { noCopy, labels: {} } };
}

/** @param options comma-separated, as mount(8) takes them for a tmpfs */
export function tmpfsMount(target: string, options: string): Mount {
  let readOnly = false;
  let sizeBytes = 0;
  let mode = 0;
  for (const option of options.split(',')) {
    const [key = '', value = ''] = option.split('=', 2);
    if (key === 'size') {
      sizeBytes = sizeOf(value);
    } else if (key === 'mode' && /^[0-7]{1,4}$/.test(value)) {
      mode = Number.parseInt(value, 8);
    } else if (key === 'ro') {
      readOnly = true;
    } else if (!TMPFS_GIVEN.has(option)) {
      throw notImplemented(`option "${option}" of a tmpfs mount`);
    }
  }
  return { type: 'tmpfs', source: '', target, readOnly, tmpfs: { sizeBytes, mode } };
}

function sizeOf(text: string): number {
  const [, digits = '', unit = ''] = /^(\d{1,15})([bkmg]?)$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
  if (digits === '' || !Number.isSafeInteger(bytes)) {
    throw new SkeinError('invalid', 'bad-tmpfs', `invalid size '${text}' of a tmpfs mount`);
  }
  return bytes;
}
