// The lines that show a picture, docker's way: `1/3: running   [====>   ]`, or the error of a slot.
import { BAR_STEPS, type Bar, type Picture } from './updater.ts';

const BAR_WIDTH = 50;
const STATE_WIDTH = 9;
/** Slot lines, the line above them, the line below, and one for the prompt. */
const LINES_AROUND = 3;

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

export function overallLine(picture: Picture): string {
  const prefix = picture.rollingBack ? 'rolling back update: ' : '';
  return `overall progress: ${prefix}${picture.done} out of ${picture.total} tasks`;
}

/** All lines for a terminal of that size: not one longer than it, not more than it has. */
export function screenLines(picture: Picture, verify: string | undefined, screen: Screen): string[] {
  const room = Math.max(0, screen.rows - LINES_AROUND);
  const bars = picture.bars.slice(0, room).map(barLine);
  const lines = [overallLine(picture), ...bars, ...(verify === undefined ? [] : [`verify: ${verify}`])];
  return lines.map((line) => truncateLine(line, screen.columns));
}

function barLine(bar: Bar): string {
  if (bar.error !== '') {
    return `${bar.label}: ${bar.error}`;
  }
  if (bar.state === '' || bar.step === 0) {
    return `${bar.label}: ${bar.state}`;
  }
  const filled = Math.round((bar.step / BAR_STEPS) * BAR_WIDTH);
  const inside = `${'='.repeat(Math.max(0, filled - 1))}>`;
  return `${bar.label}: ${bar.state.padEnd(STATE_WIDTH)} [${inside.padEnd(BAR_WIDTH)}]`;
}

/** Control characters of task errors must not move the cursor. */
function truncateLine(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is to be removed
  const clean = [...line.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')];
  return clean.length < columns ? clean.join('') : `${clean.slice(0, Math.max(1, columns - 2)).join('')}…`;
}
