// --since and --until: a duration before now, a date (RFC 3339, in part), or Unix seconds; to Unix seconds.
import { UsageError } from '../errors.ts';
import { parseDuration } from '../flags/duration.ts';

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}(?::\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** @returns Unix seconds with a fraction, as the API takes them. @throws UsageError */
export function parseTime(text: string, nowMs: number): string {
  if (/^\d+(\.\d{1,9})?$/.test(text)) {
    return text;
  }
  if (DATE.test(text)) {
    const hour = /^(.*T\d{2})(Z|[+-].*)?$/.exec(text);
    const whole = hour === null ? text : `${hour[1]}:00${hour[2] ?? ''}`;
    const ms = Date.parse(whole.includes('T') ? whole : `${whole}T00:00`);
    if (!Number.isNaN(ms)) {
      return seconds(ms);
    }
  }
  if (/^[+-]?(\d|\.)/.test(text)) {
    return seconds(nowMs - parseDuration(text) / 1e6);
  }
  throw new UsageError(`'${text}' is no time: write 10m, 2026-01-02T13:23:37Z or Unix seconds`);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(9);
}
