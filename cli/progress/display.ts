// Draws progress: in place on a terminal, as lines that appear once on anything else.
import type { Output } from '../context.ts';
import { overallLine, screenLines } from './lines.ts';
import type { Picture } from './updater.ts';

const DEFAULT_SCREEN = { columns: 80, rows: 24 };
const UP = (lines: number) => (lines === 0 ? '' : `\u001b[${lines}A`);
const CLEAR_TO_END = '\u001b[0J';

export interface Display {
  show(picture: Picture, verify: string | undefined): void;
  /** A line of its own that stays. */
  say(line: string): void;
}

export function makeDisplay(out: Output, quiet: boolean): Display {
  if (quiet) {
    return { show: () => undefined, say: () => undefined };
  }
  return out.isTTY === true ? new TerminalDisplay(out) : new PlainDisplay(out);
}

class TerminalDisplay implements Display {
  private readonly out: Output;
  private drawn: readonly string[] = [];

  constructor(out: Output) {
    this.out = out;
  }

  show(picture: Picture, verify: string | undefined): void {
    const screen = {
      columns: this.out.columns ?? DEFAULT_SCREEN.columns,
      rows: this.out.rows ?? DEFAULT_SCREEN.rows,
    };
    const lines = screenLines(picture, verify, screen);
    if (lines.join('\n') !== this.drawn.join('\n')) {
      this.out.write(`${UP(this.drawn.length)}\r${CLEAR_TO_END}${lines.map((line) => `${line}\n`).join('')}`);
      this.drawn = lines;
    }
  }

  say(line: string): void {
    this.out.write(`${line}\n`);
    this.drawn = [];
  }
}

class PlainDisplay implements Display {
  private readonly out: Output;
  private readonly last = new Map<string, string>();

  constructor(out: Output) {
    this.out = out;
  }

  show(picture: Picture, verify: string | undefined): void {
    this.once('overall', overallLine(picture));
    for (const bar of picture.bars.filter(({ error }) => error !== '')) {
      this.once(bar.label, `${bar.label}: ${bar.error}`);
    }
    if (verify === undefined) {
      this.last.delete('verify');
    } else {
      this.once('verify', `verify: ${verify}`);
    }
  }

  say(line: string): void {
    this.out.write(`${line}\n`);
  }

  /** The countdown's seconds are no news to a log file. */
  private once(key: string, line: string): void {
    const meaning = key === 'verify' ? line.replace(/\d+ seconds/, '') : line;
    if (this.last.get(key) !== meaning) {
      this.last.set(key, meaning);
      this.out.write(`${line}\n`);
    }
  }
}
