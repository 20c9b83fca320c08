// Commands over several objects (`rm a b c`): each is tried, errors are gathered, and one makes exit code 1.
import { CliError } from './errors.ts';

/** @throws CliError with every message, or the first error that was no answer about one object */
export async function forEach(refs: readonly string[], act: (ref: string) => Promise<void>): Promise<number> {
  const messages: string[] = [];
  for (const ref of refs) {
    try {
      await act(ref);
    } catch (error) {
      if (!(error instanceof CliError)) {
        throw error;
      }
      messages.push(error.message);
      if (error.name === 'ConnectionError') {
        break;
      }
    }
  }
  if (messages.length > 0) {
    throw new CliError(messages.join('\n'));
  }
  return 0;
}
