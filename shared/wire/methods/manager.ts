// How a manager stands, asked by its own daemon and by other managers.
import type { ManagerService } from '../../protocol/control.ts';
import type { MethodTable } from '../../rpc/method.ts';
import { managerState } from '../control_responses.ts';
import { unaryMethods } from './build.ts';

/** Answered from memory; longer means that the manager is stuck. */
const STATE_TIMEOUT_MS = 5_000;

const manager = unaryMethods('Manager', ['manager', 'local'], STATE_TIMEOUT_MS);

export const managerMethods: MethodTable<ManagerService> = {
  getState: manager.unaryWithoutRequest('GetState', managerState),
};
