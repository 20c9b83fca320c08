// The one network plane of this node, which tasks of a cluster and plain containers share: made when the first of them
// needs it, taken down to the containers' part when the node leaves its cluster. What a plane does is worker/network's.
import type { Clock } from '../shared/clock.ts';
import type { Startable } from '../shared/lifecycle.ts';
import type { Logger } from '../shared/log.ts';
import { isContainerId } from '../worker/container/api.ts';
import type { AttachRequest } from '../worker/network/api.ts';
import { LinuxNetworkPlane } from '../worker/network/plane.ts';

export interface NodeNetworkDependencies {
  readonly clock: Clock;
  readonly log: Logger;
  /** Plain containers that live: a plane that starts takes them up. */
  readonly survivors: () => readonly AttachRequest[];
  /** Ends what cannot go on without the cluster's networks. */
  readonly beforeLeave: () => Promise<void>;
}

export interface NodeNetworkOptions {
  readonly execRoot: string;
  readonly balancer: 'auto' | 'nft' | 'ipvs';
}

export class NodeNetwork implements Startable {
  private readonly on: NodeNetworkDependencies;
  private readonly options: NodeNetworkOptions;
  private made: LinuxNetworkPlane | undefined;
  private starting: Promise<void> | undefined;
  /** A plane that is being taken down; the next one begins after it. */
  private ending: Promise<void> = Promise.resolve();

  constructor(dependencies: NodeNetworkDependencies, options: NodeNetworkOptions) {
    this.on = dependencies;
    this.options = options;
  }

  /** Nothing is made before somebody needs it: a daemon without cluster and containers leaves its host alone. */
  start(): Promise<void> {
    return Promise.resolve();
  }

  /** The plane, perhaps not started yet. */
  get plane(): LinuxNetworkPlane {
    this.made ??= new LinuxNetworkPlane({ clock: this.on.clock, log: this.on.log }, this.options);
    return this.made;
  }

  /** The plane, started. */
  async started(): Promise<LinuxNetworkPlane> {
    await this.ending;
    const { plane } = this;
    this.starting ??= this.begin(plane);
    await this.starting;
    return plane;
  }

  /** The node is in no cluster any more: its tasks have ended, its plain containers may live on. */
  async leave(): Promise<void> {
    await this.on.beforeLeave();
    const { plane } = this;
    this.made = undefined;
    this.starting = undefined;
    const survives = this.on.survivors().length > 0;
    const end = this.ending.then(() => (survives ? plane.destroyOverlays() : plane.destroyAll()));
    this.ending = end.catch(() => undefined);
    await end;
    if (survives) {
      await this.started();
    }
  }

  async stop(): Promise<void> {
    await this.ending;
    await this.starting?.catch(() => undefined);
    await this.made?.stop();
  }

  private async begin(plane: LinuxNetworkPlane): Promise<void> {
    await plane.start();
    await plane.readopt(this.on.survivors(), isContainerId);
  }
}
