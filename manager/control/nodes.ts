// The calls on nodes: what an operator may change of a node, and when a node may be removed. Acting on a
// changed role (certificate, raft membership) is others' work.
import type { Id } from '../../shared/model/meta.ts';
import type { Node, NodeSpec } from '../../shared/model/node.ts';
import { isTerminal } from '../../shared/model/task.ts';
import type { ControlService, ListRequest, Reference } from '../../shared/protocol/control.ts';
import type { CallContext } from '../../shared/protocol/peer.ts';
import { MAX_CHANGES_PER_TRANSACTION, type WriteTransaction } from '../store/api.ts';
import type { CallRunner } from './context.ts';
import { invalid, outOfSequence, precondition } from './errors.ts';
import { compileFilters, type FilterRules, idRule, labelRule } from './filters.ts';
import { checkLabels } from './names.ts';
import { checkDemotion, type RaftMembers } from './quorum.ts';
import { resolve } from './reference.ts';

const FILTERS: FilterRules<Node> = {
  id: idRule,
  name: { test: (node, value) => (node.description?.hostname ?? '').startsWith(value) },
  label: labelRule((node) => node.description?.engine.labels ?? {}),
  'node.label': labelRule((node) => node.spec.labels),
  role: { test: (node, value) => node.spec.desiredRole === value, values: ['worker', 'manager'] },
  membership: { test: (node, value) => node.spec.membership === value, values: ['accepted', 'pending'] },
};

export class NodeCalls {
  private readonly calls: CallRunner;

  constructor(calls: CallRunner) {
    this.calls = calls;
  }

  list(request: ListRequest, context: CallContext): Promise<readonly Node[]> {
    const matches = compileFilters(request.filters, FILTERS);
    return this.calls.read(context, (view) => [...view.all('node')].filter(matches));
  }

  get(request: Reference, context: CallContext): Promise<Node> {
    return this.calls.read(context, (view) => resolve(view, 'node', request.ref));
  }

  async update(request: Parameters<ControlService['updateNode']>[0], context: CallContext): Promise<Node> {
    validateNodeSpec(request.spec);
    return this.calls.writeObject(context, 'node', (tx) => {
      const node = resolve(tx, 'node', request.ref);
      if (node.meta.version !== request.version) {
        throw outOfSequence('node', node.id);
      }
      if (node.spec.desiredRole === 'manager' && request.spec.desiredRole === 'worker') {
        checkDemotion(node, tx.all('node'), this.calls.membership.status());
      }
      tx.update('node', { ...node, spec: request.spec });
      return node.id;
    });
  }

  async remove(request: Reference & { readonly force: boolean }, context: CallContext): Promise<void> {
    const id = await this.calls.write(context, (tx) => {
      const node = resolve(tx, 'node', request.ref);
      checkRemoval(node, request.force, tx.all('node'), this.calls.membership.status());
      forgetNode(tx, node);
      return node.id;
    });
    // A node may have more tasks than one entry should carry; the rest follows in entries of its own.
    const { view } = this.calls.store;
    for (let left = view.tasksByNode(id).length; left > 0; left -= MAX_CHANGES_PER_TRANSACTION) {
      if (!hasLiveTasks(view.tasksByNode(id))) {
        break;
      }
      await this.calls.write(context, (tx) => orphanTasks(tx, id));
    }
  }
}

function validateNodeSpec(spec: NodeSpec): void {
  if (!['worker', 'manager'].includes(spec.desiredRole)) {
    throw invalid(`invalid Role: "${spec.desiredRole}": use worker or manager`);
  }
  if (!['active', 'pause', 'drain'].includes(spec.availability)) {
    throw invalid(`invalid Availability: "${spec.availability}": use active, pause or drain`);
  }
  if (!['accepted', 'pending'].includes(spec.membership)) {
    throw invalid(`invalid Membership: "${spec.membership}": use accepted or pending`);
  }
  checkLabels(spec);
}

/**
 * Swarm's rules: a raft member never, and a node that is up only by force. Beyond them, a manager that does not
 * answer goes at once by force if the others have a majority without it: raft lets go of it next.
 */
function checkRemoval(node: Node, force: boolean, nodes: Iterable<Node>, raft: RaftMembers): void {
  const member = raft.members.find(({ nodeId }) => nodeId === node.id);
  if (force && member !== undefined && !raft.active.includes(member.raftId)) {
    checkDemotion(node, nodes, raft);
    return;
  }
  if (member !== undefined || node.managerStatus !== undefined) {
    const dead = force ? '' : ', unless it is dead: then it can be removed by force';
    throw precondition(
      `node ${node.id} is a cluster manager and is a member of the raft cluster. It must be demoted to worker before removal${dead}`,
    );
  }
  if (!force && node.spec.desiredRole === 'manager') {
    throw precondition(`node ${node.id} is to be a manager. It must be demoted to worker before removal`);
  }
  if (!force && node.status.state === 'ready') {
    throw precondition(
      `node ${node.id} is not down and can't be removed: let it leave the swarm first, or remove it by force`,
    );
  }
}

/** Its certificate is refused from now on, its object is gone, and as many of its tasks as fit are orphaned. */
export function forgetNode(tx: WriteTransaction, node: Node): void {
  revoke(tx, node);
  tx.remove('node', node.id);
  orphanTasks(tx, node.id);
}

/** The certificate is refused until it would have expired anyway; entries that did expire are forgotten. */
function revoke(tx: WriteTransaction, node: Node): void {
  for (const cluster of tx.all('cluster')) {
    const entry = { nodeId: node.id, expiresAt: expiryOf(node, tx.now, cluster.spec.ca.nodeCertExpiryMs) };
    const others = cluster.revoked.filter(
      ({ nodeId, expiresAt }) => nodeId !== node.id && expiresAt > tx.now,
    );
    tx.update('cluster', { ...cluster, revoked: [...others, entry] });
  }
}

/** When no certificate is on record, as long as one issued now would live. */
function expiryOf(node: Node, now: number, lifetimeMs: number): number {
  return Math.max(node.certificate.expiresAt, now + lifetimeMs);
}

/** As many as one entry should carry. */
export function orphanTasks(tx: WriteTransaction, nodeId: Id): void {
  const live = tx.tasksByNode(nodeId).filter((task) => !isTerminal(task.status.state));
  for (const task of live.slice(0, MAX_CHANGES_PER_TRANSACTION)) {
    tx.update('task', {
      ...task,
      status: {
        ...task.status,
        state: 'orphaned',
        timestamp: tx.now,
        message: 'Task belonged to a node that has been deleted',
      },
    });
  }
}

export function hasLiveTasks(tasks: ReturnType<WriteTransaction['tasksByNode']>): boolean {
  return tasks.some((task) => !isTerminal(task.status.state));
}
