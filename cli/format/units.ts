// How people read times and sizes: go-units' HumanDuration and HumanSize, which docker's columns use.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `About a minute`, `3 hours`, `2 weeks`. */
export function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / SECOND);
  const minutes = Math.floor(ms / MINUTE);
  const hours = Math.round(ms / HOUR);
  if (seconds < 1) {
    return 'Less than a second';
  }
  if (seconds < 60) {
    return seconds === 1 ? '1 second' : `${seconds} seconds`;
  }
  if (minutes < 60) {
    return minutes === 1 ? 'About a minute' : `${minutes} minutes`;
  }
  if (hours < 48) {
    return hours === 1 ? 'About an hour' : `${hours} hours`;
  }
  if (hours < 24 * 7 * 2) {
    return `${Math.floor(hours / 24)} days`;
  }
  if (hours < 24 * 30 * 2) {
    return `${Math.floor(hours / 24 / 7)} weeks`;
  }
  return hours < 24 * 365 * 2
    ? `${Math.floor(hours / 24 / 30)} months`
    : `${Math.floor(ms / DAY / 365)} years`;
}

/** `3 hours ago`; nothing when the time is not known. */
export function ago(time: string | number | undefined, now: number): string {
  const at = typeof time === 'string' ? Date.parse(time) : time;
  return at === undefined || Number.isNaN(at) ? '' : `${humanDuration(Math.max(0, now - at))} ago`;
}

/** Decimal units with three digits: `1.84MB`. */
export function humanSize(bytes: number): string {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB'], 3);
}

/** Binary units: `512MiB`, `1.952GiB`. */
export function binarySize(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], 4);
}

function scaled(size: number, base: number, units: readonly string[], digits: number): string {
  let value = size;
  let unit = 0;
  while (value >= base && unit < units.length - 1) {
    value /= base;
    unit += 1;
  }
  return `${Number(value.toPrecision(digits))}${units[unit] ?? ''}`;
}

/** The first twelve characters of an id, without `sha256:`. */
export function shortId(id: string): string {
  return id.replace(/^[^:]*:/, '').slice(0, 12);
}

/** Digits count as numbers: web2 before web10. */
export function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b);
}

const collator = new Intl.Collator('en', { numeric: true, caseFirst: 'upper' });

export function truncateText(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}
