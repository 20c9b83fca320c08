// One line of CSV, as the long forms of flags are written: `type=bind,"source=/a,b",target=/c`.
import { UsageError } from '../errors.ts';

/** @throws UsageError on an unclosed quote */
export function csvFields(line: string): string[] {
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length) {
    if (line[at] === '"') {
      const quoted = /"((?:[^"]|"")*)"(?=,|$)/y;
      quoted.lastIndex = at;
      const match = quoted.exec(line);
      if (match === null) {
        throw new UsageError(`parse error in '${line}': extraneous or missing " in quoted-field`);
      }
      fields.push((match[1] ?? '').replaceAll('""', '"'));
      at = quoted.lastIndex + 1;
    } else {
      const end = line.indexOf(',', at);
      fields.push(line.slice(at, end === -1 ? line.length : end));
      at = end === -1 ? line.length + 1 : end + 1;
    }
  }
  return fields;
}

/** `key=value`; a field without `=` has no value. Keys are lower-case and trimmed. */
export function keyValue(field: string): { readonly key: string; readonly value: string | undefined } {
  const cut = field.indexOf('=');
  return cut === -1
    ? { key: field.trim().toLowerCase(), value: undefined }
    : { key: field.slice(0, cut).trim().toLowerCase(), value: field.slice(cut + 1) };
}
