// The errors that end a command: what goes to stderr and which exit code the shell sees.

/** Exit codes: Docker's 1 for a failed operation and 125 for a command line that makes no sense. */
export const EXIT_FAILURE = 1;
export const EXIT_USAGE = 125;
/** 128 + SIGINT, as shells count. */
export const EXIT_INTERRUPTED = 130;

/** A failure with a message for the operator; nothing of a stack trace is shown. */
export class CliError extends Error {
  readonly exitCode: number;

  constructor(message: string, options: { readonly exitCode?: number; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode ?? EXIT_FAILURE;
  }
}

/** The command line is wrong: the message is followed by the command's usage line. */
export class UsageError extends CliError {
  constructor(message: string) {
    super(message, { exitCode: EXIT_USAGE });
    this.name = 'UsageError';
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
