// Answers that are a stream of JSON objects, a line each: events and progress.
import { StringDecoder } from 'node:string_decoder';
import { CliError } from '../errors.ts';

/** One object; anything longer is no message. */
const LINE_LIMIT_CHARACTERS = 4 * 1024 * 1024;

/** @throws CliError when a line is no JSON */
export async function* jsonLines<T>(body: AsyncIterable<unknown>): AsyncGenerator<T> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + (Buffer.isBuffer(chunk) ? decoder.write(chunk) : String(chunk))).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_LIMIT_CHARACTERS) {
      throw new CliError('the daemon sent a line without an end');
    }
    yield* lines.filter((line) => line.trim() !== '').map((line) => parse<T>(line));
  }
  if (rest.trim() !== '') {
    yield parse<T>(rest);
  }
}

function parse<T>(line: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (error) {
    throw new CliError(`the daemon sent a line that is no JSON: ${line.slice(0, 80)}`, { cause: error });
  }
}
