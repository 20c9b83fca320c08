// What of a network's view this node can carry out: all of it, or without IPv6 where the kernel has none or the
// underlay's packets are too small for it. Measures the underlay; makes no plan.
import type { NetworkView } from '../../../shared/model/view.ts';
import type { OverlayIdentity } from '../api.ts';
import type { HostSide } from '../host/host_side.ts';
import { subnets6Of, withoutIpv6 } from '../plan/plan.ts';
import { IPV6_MTU_MIN, overlayMtu, underlayProblems } from '../plan/underlay.ts';

/** An uplink is an ordinary Ethernet segment inside the machine. */
const UPLINK_MTU = 1500;

export class CarriedView {
  private readonly host: Pick<HostSide, 'kernelHasIpv6' | 'underlayMtu' | 'hasRoute'>;
  /** As the managers told it. */
  private told: NetworkView | undefined;
  private carried: NetworkView | undefined;
  private ownIdentity: OverlayIdentity | undefined;
  private overlay = 0;
  private uplink = UPLINK_MTU;

  constructor(host: Pick<HostSide, 'kernelHasIpv6' | 'underlayMtu' | 'hasRoute'>) {
    this.host = host;
  }

  /** The view to plan by. */
  get view(): NetworkView | undefined {
    return this.carried;
  }

  /** Whether the namespace is one for IPv6, though there may be no room for it now. */
  get isDual(): boolean {
    return this.host.kernelHasIpv6 && this.told !== undefined && subnets6Of(this.told).length > 0;
  }

  /** Absent for the node's own network, which has no peers. */
  get identity(): OverlayIdentity | undefined {
    return this.told?.vni === 0 ? undefined : this.ownIdentity;
  }

  /** Of the overlay, as measured last; 0 before. */
  get mtu(): number {
    return this.overlay;
  }

  /** What fits the underlay, so that no packet is cut on its way from the host into the overlay. */
  get uplinkMtu(): number {
    return this.uplink;
  }

  /** True when a plan can be made: the view, and for overlays the node's place in it, are known. */
  get isPlannable(): boolean {
    return this.told !== undefined && (this.told.vni === 0 || this.ownIdentity !== undefined);
  }

  setView(view: NetworkView): void {
    this.told = view;
    this.choose();
  }

  setIdentity(identity: OverlayIdentity): void {
    this.ownIdentity = identity;
  }

  /** Looks at the underlay anew: its MTU may have changed, and with it whether IPv6 fits. */
  measure(): void {
    if (this.told === undefined || !this.isPlannable) {
      return;
    }
    const vtep = this.identity?.vtepAddress;
    const wasNarrow = this.isNarrow;
    this.uplink = vtep === undefined ? UPLINK_MTU : this.host.underlayMtu(vtep);
    this.overlay = overlayMtu(this.told, vtep ?? '', this.uplink);
    if (wasNarrow !== this.isNarrow) {
      this.choose();
    }
  }

  /** What stands in the network's way here, a line each. */
  problems(): string[] {
    const { told, identity, host, overlay } = this;
    return told === undefined || identity === undefined
      ? []
      : underlayProblems(told, {
          ...{ identity, mtu: overlay },
          hasRoute: (address) => host.hasRoute(address),
        });
  }

  private get isNarrow(): boolean {
    return this.overlay > 0 && this.overlay < IPV6_MTU_MIN;
  }

  private choose(): void {
    const hasIpv6 = this.host.kernelHasIpv6 && !this.isNarrow;
    this.carried = this.told === undefined || hasIpv6 ? this.told : withoutIpv6(this.told);
  }
}
