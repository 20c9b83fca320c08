// The agents' stream; the dispatcher knows the node by its certificate.
import type { DispatcherService } from '../../protocol/dispatcher.ts';
import type { MethodTable } from '../../rpc/method.ts';
import { agentMessage, dispatcherMessage } from '../dispatcher.ts';
import { streamMethods } from './build.ts';

const dispatcher = streamMethods('Dispatcher', ['worker', 'manager']);

export const dispatcherMethods: MethodTable<DispatcherService> = {
  session: dispatcher.bidi('Session', agentMessage, dispatcherMessage),
};
