// An Ethernet switch as a plain machine: which ports a frame that came in at one leaves by. It learns where
// addresses are from the frames it sees, and knows which cables are cut. It knows nothing of sockets.

/** Destination, source, type. */
const HEADER_BYTES = 14;
/** A frame to a group of stations has this bit in its first byte. */
const GROUP_BIT = 1;

export class EthernetSwitch {
  private readonly ports = new Set<string>();
  private readonly places = new Map<string, string>();
  private readonly cuts = new Set<string>();

  plug(port: string): void {
    this.ports.add(port);
  }

  unplug(port: string): void {
    this.ports.delete(port);
    for (const [station, place] of this.places) {
      if (place === port) {
        this.places.delete(station);
      }
    }
  }

  /** No frame passes from one port to another; the other direction stays. */
  cut(from: string, to: string): void {
    this.cuts.add(`${from} ${to}`);
  }

  heal(from: string, to: string): void {
    this.cuts.delete(`${from} ${to}`);
  }

  healAll(): void {
    this.cuts.clear();
  }

  /** The ports by which the frame leaves. */
  route(port: string, frame: Buffer): string[] {
    if (frame.length < HEADER_BYTES) {
      return [];
    }
    this.places.set(frame.toString('latin1', 6, 12), port);
    const isGroup = (frame.readUInt8(0) & GROUP_BIT) !== 0;
    const known = isGroup ? undefined : this.places.get(frame.toString('latin1', 0, 6));
    const targets = known === undefined ? [...this.ports] : [known];
    return targets.filter(
      (target) => target !== port && this.ports.has(target) && !this.cuts.has(`${port} ${target}`),
    );
  }
}
