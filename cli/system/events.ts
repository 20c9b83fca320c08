// skein events: what happens in the cluster, a line each, until --until or Ctrl-C.
import { defineCommand } from '../command.ts';
import { CliError, EXIT_INTERRUPTED } from '../errors.ts';
import { text } from '../flags/flag.ts';
import { filterFlag, toFilters } from '../opts/filter.ts';
import { parseTime } from '../opts/time.ts';
import { jsonLines } from '../client/json_lines.ts';
import { OBJECT_FORMAT, objectPrinter } from '../format/object.ts';

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> };
  readonly scope?: string;
  readonly time?: number;
  readonly timeNano?: number;
}

export const command = defineCommand({
  usage: 'events [OPTIONS]',
  summary: 'Get real time events from the server',
  examples: [
    ['events --filter type=service', 'follow what happens to services'],
    [`events --format '{{json .}}'`, 'as JSON, an object a line'],
  ],
  flags: {
    filter: filterFlag('Filter output based on conditions provided', 'f'),
    format: OBJECT_FORMAT,
    since: text('Show all events created since timestamp'),
    until: text('Stream events until this timestamp'),
  },
  args: { min: 0, max: 0 },
  async run({ api, stdout, now, interrupt }, { flags }) {
    const print =
      flags.format === undefined
        ? (event: Event): boolean => stdout.write(`${eventLine(event)}\n`)
        : objectPrinter(stdout, flags.format);
    const signal = interrupt.signal();
    const time = (value: string | undefined) => (value === undefined ? undefined : parseTime(value, now()));
    try {
      const body = await api.stream('GET', '/events', {
        query: { since: time(flags.since), until: time(flags.until) },
        filters: toFilters(flags.filter),
        signal,
        endless: true,
      });
      for await (const event of jsonLines<Event>(body)) {
        print(event);
      }
    } catch (error) {
      if (signal.aborted) {
        return EXIT_INTERRUPTED;
      }
      throw error instanceof CliError
        ? error
        : new CliError(`the stream of events ended: ${String(error)}`, { cause: error });
    }
    return 0;
  },
});

export function eventLine(event: Event): string {
  const attributes = Object.entries(event.Actor.Attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  const shown = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`;
  return `${eventTime(event)} ${event.Type} ${event.Action} ${event.Actor.ID}${shown}`;
}

/** RFC 3339 with nine digits; a JSON number keeps microseconds of the nanoseconds. */
function eventTime(event: Event): string {
  const seconds = event.time ?? Math.floor((event.timeNano ?? 0) / 1e9);
  const exact = event.timeNano === undefined ? 0 : event.timeNano - seconds * 1e9;
  const nanos = Math.max(0, Math.min(999_999_000, Math.round(exact / 1000) * 1000));
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  return `${whole}.${String(nanos).padStart(9, '0')}Z`;
}
