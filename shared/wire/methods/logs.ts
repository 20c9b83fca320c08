// Log calls: operators subscribe, agents listen and publish.
import type { LogService } from '../../protocol/logs.ts';
import type { MethodTable } from '../../rpc/method.ts';
import { emptyResponse } from '../empty.ts';
import { logMessage, logPublish, logSubscription, subscribeRequest } from '../logs.ts';
import { streamMethods } from './build.ts';

const operators = streamMethods('Logs', ['manager', 'local']);
const agents = streamMethods('Logs', ['worker', 'manager']);

export const logMethods: MethodTable<LogService> = {
  subscribe: operators.serverStream('Subscribe', subscribeRequest, logMessage),
  listen: agents.serverStreamWithoutRequest('Listen', logSubscription),
  publish: agents.clientStream('Publish', logPublish, emptyResponse),
};
