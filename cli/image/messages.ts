// Progress of the daemon as lines of JSON (load, import, pull): drawn on a terminal, printed once elsewhere.
import { jsonLines } from '../client/json_lines.ts';
import type { Output } from '../context.ts';
import { CliError } from '../errors.ts';
import { humanSize } from '../format/units.ts';

interface Message {
  readonly id?: string;
  readonly status?: string;
  readonly stream?: string;
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
}

const BAR_WIDTH = 30;

/** @throws CliError when the daemon reports an error on the way */
export async function showMessages(body: AsyncIterable<unknown>, out: Output, quiet = false): Promise<void> {
  const drawn: string[] = [];
  for await (const message of jsonLines<Message>(body)) {
    if (message.error !== undefined || message.errorDetail !== undefined) {
      throw new CliError(message.errorDetail?.message ?? message.error ?? 'the daemon reports an error');
    }
    if (!quiet) {
      show(message, out, drawn);
    }
  }
}

function show(message: Message, out: Output, drawn: string[]): void {
  if (message.stream !== undefined) {
    out.write(message.stream);
    return;
  }
  const { id, status = '', progressDetail: detail } = message;
  const text = id === undefined ? status : `${id}: ${status}`;
  if (id === undefined || out.isTTY !== true) {
    // Bars of bytes are noise in a file: only what changes in words is printed.
    if (detail?.current === undefined) {
      out.write(`${text}\n`);
      drawn.length = 0;
    }
    return;
  }
  redraw(id, `${text}${bar(detail)}`, out, drawn);
}

function redraw(id: string, line: string, out: Output, drawn: string[]): void {
  const fitted = line.slice(0, Math.max(1, (out.columns ?? 80) - 1));
  const at = drawn.indexOf(id);
  if (at === -1) {
    drawn.push(id);
    out.write(`${fitted}\n`);
    return;
  }
  const up = drawn.length - at;
  out.write(`\u001b[${up}A\r\u001b[2K${fitted}\u001b[${up}B\r`);
}

function bar(detail: Message['progressDetail']): string {
  if (detail?.current === undefined) {
    return '';
  }
  const { current, total } = detail;
  if (total === undefined || total <= 0) {
    return ` ${humanSize(current)}`;
  }
  const filled = Math.min(BAR_WIDTH, Math.floor((current / total) * BAR_WIDTH));
  return ` [${`${'='.repeat(filled)}>`.padEnd(BAR_WIDTH + 1)}] ${humanSize(current)}/${humanSize(total)}`;
}
