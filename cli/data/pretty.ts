// A secret or config described for people, as docker's --pretty.
import type { DataObject } from '../client/types.ts';

export function prettyDataObject(object: DataObject, withData: boolean): string {
  const { Spec: spec } = object;
  const labels = Object.entries(spec.Labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [
    `ID:\t\t\t${object.ID}`,
    `Name:\t\t\t${spec.Name}`,
    ...(labels.length === 0 ? [] : ['Labels:', ...labels.map(([key, value]) => ` - ${key}=${value}`)]),
    ...(spec.Driver?.Name ? [`Driver:\t\t\t${spec.Driver.Name}`] : []),
    `Created at:            \t${object.CreatedAt ?? ''}`,
    `Updated at:            \t${object.UpdatedAt ?? ''}`,
    ...(withData ? ['Data:', Buffer.from(spec.Data ?? '', 'base64').toString('utf8')] : []),
  ];
  return `${lines.join('\n')}\n`;
}
