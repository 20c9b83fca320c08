// --network of services: a name, or `name=…,alias=…,driver-opt=key=value`. Names become ids later.
import type { NetworkAttachment } from '../client/types.ts';
import { UsageError } from '../errors.ts';
import { csvFields, keyValue } from './csv.ts';
import { toMap } from './pairs.ts';

/** @throws UsageError */
export function parseNetwork(line: string): NetworkAttachment {
  if (!line.includes('=')) {
    return { Target: line };
  }
  let target = '';
  const aliases: string[] = [];
  const options: string[] = [];
  for (const field of csvFields(line)) {
    const { key, value } = keyValue(field);
    if (value === undefined || value === '') {
      throw new UsageError(`invalid field ${field}`);
    }
    if (key === 'name') {
      target = value;
    } else if (key === 'alias') {
      aliases.push(value.toLowerCase());
    } else if (key === 'driver-opt') {
      if (!value.includes('=')) {
        throw new UsageError('invalid key value pair format in driver options');
      }
      options.push(value);
    } else {
      throw new UsageError(`invalid field key ${key}`);
    }
  }
  if (target === '') {
    throw new UsageError('network name/id is not specified');
  }
  return {
    Target: target,
    ...(aliases.length > 0 && { Aliases: aliases }),
    ...(options.length > 0 && { DriverOpts: toMap(options) }),
  };
}
