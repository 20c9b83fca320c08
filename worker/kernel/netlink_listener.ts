// Hears what changed in one network namespace (rtnetlink's multicast groups), without waiting: whoever is
// about to use remembered state asks whether somebody else has touched it since. libuv cannot poll netlink
// sockets, so there is no callback: the kernel keeps the messages until they are asked for.
import { errnoName, kernelError } from './errors.ts';
import { check, lastErrno, raw } from './libc.ts';
import { type NamespaceRef, inNamespace } from './namespace.ts';
import { type Message, decodeMessages } from './netlink_message.ts';
import { NETLINK_ROUTE } from './netlink_socket.ts';
import { AF, RTM, RTPROT_KERNEL } from './rtnetlink.ts';

const AF_NETLINK = 16;
const SOCK_RAW_CLOEXEC = 3 | 0o2000000;
const MSG_DONTWAIT = 0x40;
/** Bits of linux/rtnetlink.h's RTMGRP_*: links, neighbours, and of both families addresses, routes and rules. */
const GROUPS = [1, 3, 5, 7, 8, 9, 11, 19].reduce((mask, group) => (mask | (1 << (group - 1))) >>> 0, 0);
/** Where struct rtmsg has rtm_protocol. */
const ROUTE_PROTOCOL = 5;
const RECEIVE_BYTES = 64 * 1024;
/** More messages than this at once: no need to read on to know that something changed. */
const DRAIN_MAX = 4096;

export class NetlinkListener {
  private readonly fd: number;
  private readonly buffer = Buffer.alloc(RECEIVE_BYTES);
  private closed = false;

  constructor(namespace: NamespaceRef) {
    this.fd = inNamespace(namespace, () =>
      check(raw.socket(AF_NETLINK, SOCK_RAW_CLOEXEC, NETLINK_ROUTE), 'socket', 'netlink listener'),
    );
    // struct sockaddr_nl: family, padding, port id 0 (the kernel chooses), groups.
    const address = Buffer.alloc(12);
    address.writeUInt16LE(AF_NETLINK, 0);
    address.writeUInt32LE(GROUPS, 8);
    check(raw.bind(this.fd, address, address.length), 'bind', 'netlink listener');
  }

  /** An open socket keeps its namespace alive: close it before the namespace shall go. */
  close(): void {
    if (!this.closed) {
      this.closed = true;
      raw.close(this.fd);
    }
  }

  /**
   * True when anything was touched since the last call; forgets what it heard.
   * @param isExpected told every message; what it knows of is no change
   */
  hasHeard(isExpected: (message: Message) => boolean = () => false): boolean {
    let heard = false;
    for (let count = 0; count < DRAIN_MAX; count += 1) {
      const length = raw.recv(this.fd, this.buffer, this.buffer.length, MSG_DONTWAIT);
      if (length >= 0) {
        const messages = decodeMessages(this.buffer.subarray(0, length));
        heard = messages.filter((message) => isChange(message) && !isExpected(message)).length > 0 || heard;
        continue;
      }
      const errno = errnoName(lastErrno());
      if (errno === 'EAGAIN') {
        return heard;
      }
      if (errno !== 'ENOBUFS') {
        throw kernelError('recv', lastErrno(), 'netlink listener');
      }
      // More happened than the buffer holds.
      heard = true;
    }
    return true;
  }
}

/** The kernel's own learning of neighbours, and the routes it makes itself, concern nobody. */
function isChange({ type, payload, portId }: Message): boolean {
  const isNeighbour = type === RTM.NEWNEIGH || type === RTM.DELNEIGH;
  const isRoute = type === RTM.NEWROUTE || type === RTM.DELROUTE;
  return !(
    (isNeighbour && portId === 0 && payload.readUInt8(0) !== AF.BRIDGE) ||
    (isRoute && payload.readUInt8(ROUTE_PROTOCOL) === RTPROT_KERNEL)
  );
}
