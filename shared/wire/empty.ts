// Codecs of requests without content and of answers that only say "done".
import { messages } from './messages.ts';
import { bytesCodec } from './schema.ts';

const message = messages.message('Empty');

export const emptyRequest = bytesCodec(
  message,
  (_request: Record<string, never>) => ({}),
  (): Record<string, never> => ({}),
);

export const emptyResponse = bytesCodec<object, void>(
  message,
  () => ({}),
  () => undefined,
);
