// Go's durations as text ("1h30m", "500ms", "1.5s") to nanoseconds and back.
import { UsageError } from '../errors.ts';

const UNITS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** @returns nanoseconds. @throws UsageError when the text is no duration */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (body === '0') {
    return 0;
  }
  const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;
  let total = 0;
  while (part.lastIndex < body.length) {
    const match = part.exec(body);
    if (match === null) {
      throw invalid(text);
    }
    total += Number(match[1]) * (UNITS[match[2] ?? ''] ?? Number.NaN);
  }
  if (body === '' || !Number.isFinite(total)) {
    throw invalid(text);
  }
  return sign * Math.round(total);
}

function invalid(text: string): UsageError {
  return new UsageError(
    `'${text}' is no duration: write a number and a unit (ns|us|ms|s|m|h), such as 1m30s`,
  );
}

/** As Go prints a duration: `2160h0m0s`, `1m30s`, `500ms`, `0s`. */
export function formatDuration(nanoseconds: number): string {
  if (nanoseconds === 0) {
    return '0s';
  }
  const sign = nanoseconds < 0 ? '-' : '';
  const total = Math.abs(nanoseconds);
  if (total < 1e9) {
    const [unit, size] = total < 1e3 ? ['ns', 1] : total < 1e6 ? ['µs', 1e3] : ['ms', 1e6];
    return `${sign}${trim(total / Number(size))}${unit}`;
  }
  const seconds = total / 1e9;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const rest = trim(seconds - hours * 3600 - minutes * 60);
  return `${sign}${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`;
}

function trim(value: number): string {
  return String(Number(value.toFixed(9)));
}
