// Reads the kernel's security associations and policies (linux/xfrm.h) into plain values, with the counters that
// the self-test shows. Only what `xfrm.ts` can make comes back; everybody else's is skipped.
import { AF } from './rtnetlink.ts';
import { type Message, NLM_F, cString, decodeAttributes } from './netlink_message.ts';
import type { NetlinkSocket } from './netlink_socket.ts';
import { addressText } from './rtnetlink_read.ts';
import {
  ALGORITHM_NAME_BYTES,
  IPPROTO_ESP,
  IPPROTO_UDP,
  POLICY,
  POLICY_DIRECTIONS,
  SA,
  SELECTOR,
  TEMPLATE,
  XFRMA,
  XFRM_MODE_TRANSPORT,
  XFRM_MSG,
  XFRM_STATE_ESN,
  type XfrmPolicy,
  type XfrmSelector,
  type XfrmState,
} from './xfrm.ts';

/** A security association with what it has carried. */
export interface XfrmStateReport extends XfrmState {
  readonly bytes: number;
  readonly packets: number;
  /** Packets refused as repeated, and as not of the peer. */
  readonly replays: number;
  readonly forged: number;
}

const NOTHING = Buffer.alloc(0);

function address(bytes: Buffer, at: number, family: number): string {
  return addressText(bytes.subarray(at, at + (family === AF.INET ? 4 : 16)));
}

function toState({ payload }: Message): XfrmStateReport[] {
  const attributes = decodeAttributes(payload, SA.BYTES);
  const aead = attributes.get(XFRMA.ALG_AEAD);
  const family = payload.readUInt16LE(SA.FAMILY);
  const isOurKind =
    payload.readUInt8(SA.PROTO) === IPPROTO_ESP && payload.readUInt8(SA.MODE) === XFRM_MODE_TRANSPORT;
  if (!isOurKind || aead === undefined) {
    return [];
  }
  const hasEsn = (payload.readUInt8(SA.FLAGS) & XFRM_STATE_ESN) !== 0;
  const esn = attributes.get(XFRMA.REPLAY_ESN_VAL);
  const keyBytes = aead.readUInt32LE(ALGORITHM_NAME_BYTES) / 8;
  return [
    {
      src: address(payload, SA.SRC, family),
      dst: address(payload, SA.DST, family),
      spi: payload.readUInt32BE(SA.SPI),
      reqid: payload.readUInt32LE(SA.REQID),
      algorithm: cString(aead.subarray(0, ALGORITHM_NAME_BYTES)),
      key: aead.toString('hex', ALGORITHM_NAME_BYTES + 8, ALGORITHM_NAME_BYTES + 8 + keyBytes),
      tagBits: aead.readUInt32LE(ALGORITHM_NAME_BYTES + 4),
      port: payload.readUInt16BE(SELECTOR.DPORT),
      replayWindow: hasEsn && esn !== undefined ? esn.readUInt32LE(20) : 0,
      bytes: Number(payload.readBigUInt64LE(SA.CURRENT)),
      packets: Number(payload.readBigUInt64LE(SA.CURRENT + 8)),
      replays: payload.readUInt32LE(SA.STATS + 4),
      forged: payload.readUInt32LE(SA.STATS + 8),
    },
  ];
}

/** ESP in transport mode with an AEAD, whoever made it. */
export function readStates(socket: NetlinkSocket): XfrmStateReport[] {
  return socket
    .query({
      ...{ type: XFRM_MSG.GETSA, flags: NLM_F.DUMP, fixed: NOTHING, attributes: [] },
      label: 'security associations',
    })
    .flatMap(toState);
}

function toPolicy({ payload }: Message): XfrmPolicy[] {
  const dir = POLICY_DIRECTIONS[payload.readUInt8(POLICY.DIR)];
  if (dir === undefined || payload.readUInt8(SELECTOR.PROTO) !== IPPROTO_UDP) {
    return [];
  }
  const template = decodeAttributes(payload, POLICY.BYTES).get(XFRMA.TMPL);
  return [
    {
      dir,
      selector: toSelector(payload),
      priority: payload.readUInt32LE(POLICY.PRIORITY),
      ...(template === undefined ? {} : { template: toTemplate(template) }),
    },
  ];
}

function toSelector(payload: Buffer): XfrmSelector {
  const family = payload.readUInt16LE(SELECTOR.FAMILY);
  return {
    src: `${address(payload, SELECTOR.SOURCE, family)}/${payload.readUInt8(SELECTOR.LENGTH_S)}`,
    dst: `${address(payload, 0, family)}/${payload.readUInt8(SELECTOR.LENGTH_D)}`,
    port: payload.readUInt16BE(SELECTOR.DPORT),
  };
}

function toTemplate(bytes: Buffer): NonNullable<XfrmPolicy['template']> {
  const family = bytes.readUInt16LE(TEMPLATE.FAMILY);
  return {
    src: address(bytes, TEMPLATE.SRC, family),
    dst: address(bytes, 0, family),
    spi: bytes.readUInt32BE(TEMPLATE.SPI),
    reqid: bytes.readUInt32LE(TEMPLATE.REQID),
  };
}

/** Policies of UDP, in and out, whoever made them. */
export function readPolicies(socket: NetlinkSocket): XfrmPolicy[] {
  return socket
    .query({
      ...{ type: XFRM_MSG.GETPOLICY, flags: NLM_F.DUMP, fixed: NOTHING, attributes: [] },
      label: 'ipsec policies',
    })
    .flatMap(toPolicy);
}
