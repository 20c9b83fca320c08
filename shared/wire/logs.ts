// Codecs of service logs: subscriptions, what agents publish, and the lines themselves.
import type { LogMessage, LogOptions, LogPublish, LogSelector, LogSubscription } from '../protocol/logs.ts';
import {
  decodeBytes,
  decodeTime,
  encodeTime,
  enumCodec,
  integer,
  malformed,
  nonEmpty,
  required,
} from './fields.ts';
import type { LogMessage__Output } from './generated/skein/v1/LogMessage.ts';
import type { LogOptions__Output } from './generated/skein/v1/LogOptions.ts';
import type { LogPublish__Output } from './generated/skein/v1/LogPublish.ts';
import type { LogSelector__Output } from './generated/skein/v1/LogSelector.ts';
import type { LogStream__Output } from './generated/skein/v1/LogStream.ts';
import type { LogSubscribeRequest__Output } from './generated/skein/v1/LogSubscribeRequest.ts';
import type { LogSubscription__Output } from './generated/skein/v1/LogSubscription.ts';
import { messages } from './messages.ts';
import type { Encoded } from './schema.ts';
import { bytesCodec } from './schema.ts';

/** What a client of the logs asks for. */
interface SubscribeRequest {
  readonly selector: LogSelector;
  readonly options: LogOptions;
}

const logStream = enumCodec<LogStream__Output, LogMessage['stream']>()({
  LOG_STREAM_UNSPECIFIED: undefined,
  LOG_STREAM_STDOUT: 'stdout',
  LOG_STREAM_STDERR: 'stderr',
});

function encodeSelector({ serviceIds, taskIds, nodeIds }: LogSelector): Encoded<LogSelector__Output> {
  return { serviceIds, taskIds, nodeIds };
}

function decodeSelector({ serviceIds, taskIds, nodeIds }: LogSelector__Output): LogSelector {
  return { serviceIds, taskIds, nodeIds };
}

function encodeOptions(options: LogOptions): Encoded<LogOptions__Output> {
  return {
    follow: options.follow,
    stdout: options.stdout,
    stderr: options.stderr,
    tail: options.tail,
    sinceUs: encodeTime(options.since),
    untilUs: encodeTime(options.until),
  };
}

function decodeOptions(wire: LogOptions__Output): LogOptions {
  return {
    follow: wire.follow,
    stdout: wire.stdout,
    stderr: wire.stderr,
    tail: integer(wire.tail, 'LogOptions.tail'),
    since: decodeTime(wire.sinceUs, 'LogOptions.since'),
    until: decodeTime(wire.untilUs, 'LogOptions.until'),
  };
}

function encodeSubscribe({ selector, options }: SubscribeRequest): Encoded<LogSubscribeRequest__Output> {
  return { selector: encodeSelector(selector), options: encodeOptions(options) };
}

function decodeSubscribe(wire: LogSubscribeRequest__Output): SubscribeRequest {
  return {
    selector: decodeSelector(required(wire.selector, 'LogSubscribeRequest.selector')),
    options: decodeOptions(required(wire.options, 'LogSubscribeRequest.options')),
  };
}

function encodeMessage(message: LogMessage): Encoded<LogMessage__Output> {
  return {
    nodeId: message.nodeId,
    serviceId: message.serviceId,
    taskId: message.taskId,
    timestampMs: message.timestamp,
    nanos: message.nanos,
    stream: logStream.encode(message.stream),
    data: message.data,
  };
}

function decodeMessage(wire: LogMessage__Output): LogMessage {
  return {
    nodeId: wire.nodeId,
    serviceId: wire.serviceId,
    taskId: wire.taskId,
    timestamp: integer(wire.timestampMs, 'LogMessage.timestamp'),
    nanos: wire.nanos,
    stream: logStream.decode(wire.stream, 'LogMessage.stream'),
    data: decodeBytes(wire.data),
  };
}

function encodeSubscription(subscription: LogSubscription): Encoded<LogSubscription__Output> {
  if (subscription.action === 'close') {
    return { open: undefined, close: { id: subscription.id } };
  }
  const { id, selector, options } = subscription;
  return {
    open: { id, selector: encodeSelector(selector), options: encodeOptions(options) },
    close: undefined,
  };
}

function decodeSubscription({ open, close }: LogSubscription__Output): LogSubscription {
  if (open) {
    return {
      action: 'open',
      id: nonEmpty(open.id, 'LogOpen.id'),
      selector: decodeSelector(required(open.selector, 'LogOpen.selector')),
      options: decodeOptions(required(open.options, 'LogOpen.options')),
    };
  }
  if (close) {
    return { action: 'close', id: nonEmpty(close.id, 'LogClose.id') };
  }
  throw malformed('LogSubscription.variant', 'is missing');
}

const NONE: Encoded<LogPublish__Output> = { open: undefined, messages: undefined, done: undefined };

function encodePublish(publish: LogPublish): Encoded<LogPublish__Output> {
  switch (publish.kind) {
    case 'open':
      return { ...NONE, open: { subscriptionId: publish.subscriptionId } };
    case 'messages':
      return { ...NONE, messages: { messages: publish.messages.map(encodeMessage) } };
    case 'done':
      return { ...NONE, done: { error: publish.error } };
  }
}

function decodePublish(wire: LogPublish__Output): LogPublish {
  if (wire.messages) {
    return { kind: 'messages', messages: wire.messages.messages.map(decodeMessage) };
  }
  if (wire.open) {
    const subscriptionId = nonEmpty(wire.open.subscriptionId, 'LogPublishOpen.subscription_id');
    return { kind: 'open', subscriptionId };
  }
  if (wire.done) {
    return { kind: 'done', error: wire.done.error };
  }
  throw malformed('LogPublish.variant', 'is missing');
}

export const subscribeRequest = bytesCodec(
  messages.message('LogSubscribeRequest'),
  encodeSubscribe,
  decodeSubscribe,
);
export const logMessage = bytesCodec(messages.message('LogMessage'), encodeMessage, decodeMessage);
export const logSubscription = bytesCodec(
  messages.message('LogSubscription'),
  encodeSubscription,
  decodeSubscription,
);
export const logPublish = bytesCodec(messages.message('LogPublish'), encodePublish, decodePublish);
