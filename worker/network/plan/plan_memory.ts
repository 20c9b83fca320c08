// Plans a network again and again, at the cost of what changed: pieces of services and tasks that are as they
// were are taken from the last plan, and the step names the objects that may differ from it. Pure, with a memory.
import type { ViewEndpoint, ViewService } from '../../../shared/model/view.ts';
import { type Change, type KernelObject, type KernelState, diff, keyOf } from './kernel_state.ts';
import {
  type LocalAttachment,
  type NetworkPlan,
  type NetworkPlanInput,
  type PlanPiece,
  type Surroundings,
  planBalance,
  planNode,
  planService,
  planTask,
  surroundingsOf,
} from './plan.ts';

export interface PlanStep {
  /** The same as `planNetwork` makes of the same input; `state` lives on and changes with the next step. */
  readonly plan: NetworkPlan;
  /** Keys of objects that may differ from the last step's; undefined: all. */
  readonly touched: ReadonlySet<string> | undefined;
  /** Endpoints that the last step balanced and this one does not. */
  readonly gone: readonly string[];
  /** Endpoints of the pieces that changed, balanced by this step. */
  readonly balanced: ReadonlySet<string>;
}

interface Remembered {
  /** Compared: whatever the piece was made from. */
  readonly source: ViewService | LocalAttachment | string;
  readonly piece: PlanPiece;
}

export class PlanMemory {
  private pieces = new Map<string, Remembered>();
  private state = new Map<string, KernelObject>();
  /** Two pieces want the same object: who wins is found out from the whole. */
  private contested = true;
  private frame = '';
  private around: Surroundings | undefined;

  next(input: NetworkPlanInput): PlanStep {
    const frame = frameOf(input);
    const before = this.pieces;
    const isFramed = frame === this.frame && this.around !== undefined;
    if (!isFramed) {
      this.frame = frame;
      this.around = surroundingsOf(input);
      this.contested = true;
    }
    this.pieces = this.collect(input, isFramed ? before : new Map());
    const pieces = Array.from(this.pieces.values(), ({ piece }) => piece);
    const balance = planBalance(input, pieces);
    const [old, fresh] = changedPieces(before, this.pieces);
    const balanced = new Set(fresh.flatMap(balancedAddresses));
    const left = new Set(old.flatMap(balancedAddresses).filter((address) => !balanced.has(address)));
    // Only when an endpoint went is it asked whether another service has its address by now.
    const held = new Set(left.size === 0 ? [] : pieces.flatMap(balancedAddresses));
    const gone = [...left].filter((address) => !held.has(address));
    const touched = this.contested ? undefined : this.advance(old, fresh);
    if (touched === undefined) {
      this.rebuild(pieces);
    }
    return { plan: { state: this.state, balance }, touched, gone, balanced };
  }

  /** The pieces of now, in order of precedence; those whose source is as before are the same values. */
  private collect(input: NetworkPlanInput, before: ReadonlyMap<string, Remembered>): Map<string, Remembered> {
    const around = this.around ?? surroundingsOf(input);
    const pieces = new Map<string, Remembered>();
    const add = (key: string, source: Remembered['source'], isSame: boolean, make: () => PlanPiece): void => {
      const held = before.get(key);
      pieces.set(key, held !== undefined && isSame ? held : { source, piece: make() });
    };
    add('node', this.frame, true, () => planNode(input));
    for (const local of input.locals) {
      const key = `task ${local.taskId}`;
      add(key, local, before.get(key)?.source === local, () => planTask(local, input));
    }
    for (const service of input.view.services) {
      const key = `service ${service.serviceId}`;
      const held = before.get(key)?.source;
      const isSame = typeof held === 'object' && 'serviceId' in held && sameService(held, service);
      add(key, service, isSame, () => planService(service, around));
    }
    return pieces;
  }

  /** Changes the state by the pieces that changed; undefined when objects of others are concerned. */
  private advance(old: readonly PlanPiece[], fresh: readonly PlanPiece[]): Set<string> | undefined {
    const touched = new Set<string>();
    for (const object of old.flatMap(({ objects }) => objects)) {
      const key = keyOf(object);
      touched.add(key);
      this.state.delete(key);
    }
    for (const object of fresh.flatMap(({ objects }) => objects)) {
      const key = keyOf(object);
      if (this.state.has(key)) {
        return undefined;
      }
      touched.add(key);
      this.state.set(key, object);
    }
    return touched;
  }

  private rebuild(pieces: readonly PlanPiece[]): void {
    this.state = new Map();
    this.contested = false;
    for (const object of pieces.flatMap(({ objects }) => objects)) {
      const key = keyOf(object);
      if (this.state.has(key)) {
        this.contested = true;
      } else {
        this.state.set(key, object);
      }
    }
  }
}

/** What every piece depends on; when it changes, everything is planned anew. */
function frameOf({ view, identity, transfer, mtu, uplinkMtu }: NetworkPlanInput): string {
  const { vni, subnets, ingress, nodes } = view;
  return JSON.stringify([vni, subnets, ingress, nodes, identity, transfer, mtu, uplinkMtu]);
}

function changedPieces(
  before: ReadonlyMap<string, Remembered>,
  now: ReadonlyMap<string, Remembered>,
): readonly [old: readonly PlanPiece[], fresh: readonly PlanPiece[]] {
  const old = [...before].filter(([key, held]) => now.get(key) !== held).map(([, { piece }]) => piece);
  const fresh = [...now].filter(([key, held]) => before.get(key) !== held).map(([, { piece }]) => piece);
  return [old, fresh];
}

/** Of both families. */
export function balancedAddresses({ vips, ports }: Pick<PlanPiece, 'vips' | 'ports'>): string[] {
  return [
    ...vips.flatMap(({ backends }) => backends),
    ...ports.flatMap(({ backends, backends6 }) => [...backends, ...backends6]),
  ].map(({ address }) => address);
}

/** In all that plans are made from. By hand: a thousand endpoints are compared with every change. */
function sameService(one: ViewService, other: ViewService): boolean {
  return (
    one === other ||
    (sameList(one.virtualIps, other.virtualIps, Object.is) &&
      sameList(one.endpoints, other.endpoints, sameEndpoint) &&
      JSON.stringify(one.ports) === JSON.stringify(other.ports))
  );
}

function sameEndpoint(one: ViewEndpoint, other: ViewEndpoint): boolean {
  return (
    one.nodeId === other.nodeId &&
    one.state === other.state &&
    sameList(one.addresses, other.addresses, Object.is)
  );
}

function sameList<T>(one: readonly T[], other: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return one.length === other.length && one.every((item, index) => same(item, other[index] as T));
}

/**
 * The changes that turn `actual` into the step's state. `actual` must be what the last step wanted, but for
 * what was changed by hand in between, when only what the step touched is to be looked at.
 */
export function changesOf(actual: KernelState, { plan, touched }: PlanStep, isSynced: boolean): Change[] {
  if (!isSynced || touched === undefined) {
    return diff(actual, plan.state);
  }
  const changes = diff(only(actual, touched), only(plan.state, touched));
  // What hangs on a link that others use goes with it.
  const isShared = ({ object }: Change): boolean => object.type === 'link' && object.kind !== 'task';
  return changes.some(isShared) ? diff(actual, plan.state) : changes;
}

function only(state: KernelState, keys: ReadonlySet<string>): Map<string, KernelObject> {
  const part = new Map<string, KernelObject>();
  for (const key of keys) {
    const object = state.get(key);
    if (object !== undefined) {
      part.set(key, object);
    }
  }
  return part;
}
