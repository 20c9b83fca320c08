// Service logs in the Engine API's form: lines with optional time and details, framed by stream unless
// the service has a terminal.
import type { LogMessage } from '../../shared/protocol/logs.ts';

export interface LogFormat {
  readonly timestamps: boolean;
  readonly details: boolean;
  /** The task has a TTY: one stream, no frames. */
  readonly raw: boolean;
}

const STREAM_CODES = { stdout: 1, stderr: 2, system: 3 } as const;
const HEADER_BYTES = 8;

export function formatLogMessage(message: LogMessage, format: LogFormat): Buffer {
  const parts: Buffer[] = [];
  if (format.timestamps) {
    parts.push(Buffer.from(`${nanoTimestamp(message)} `));
  }
  if (format.details) {
    parts.push(Buffer.from(`${details(message)} `));
  }
  parts.push(Buffer.from(message.data));
  if (message.data.at(-1) !== 0x0a) {
    parts.push(Buffer.from('\n'));
  }
  const line = Buffer.concat(parts);
  if (format.raw) {
    return line;
  }
  return frame(message.stream, line);
}

/** Why the logs end here: a frame of the stream that docker takes for the daemon's own errors. */
export function formatLogError(reason: string, format: LogFormat): Buffer {
  const line = Buffer.from(`error reading the logs: ${reason}\n`);
  return format.raw ? line : frame('system', line);
}

/** Bytes of one stream among others. */
export function frame(stream: keyof typeof STREAM_CODES, bytes: Buffer): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(STREAM_CODES[stream], 0);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** Go's RFC3339 with nine digits, so that lines align. */
function nanoTimestamp(message: LogMessage): string {
  const whole = new Date(Math.floor(message.timestamp)).toISOString();
  return `${whole.slice(0, -1)}${String(message.nanos).padStart(6, '0').slice(-6)}Z`;
}

function details(message: LogMessage): string {
  const fields: readonly (readonly [string, string])[] = [
    ['com.docker.swarm.node.id', message.nodeId],
    ['com.docker.swarm.service.id', message.serviceId],
    ['com.docker.swarm.task.id', message.taskId],
  ];
  return fields.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join(',');
}
