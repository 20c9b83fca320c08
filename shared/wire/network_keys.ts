// Codec of the keys of encrypted networks, and of how a node stands with them.
import type { NetworkKey, NetworkKeyring, NodeEncryption } from '../model/network_keys.ts';
import type { ViewEncryption } from '../model/view.ts';
import type { Mutable } from './fields.ts';
import { decodeBytes, decodeTime, encodeTime, integer, nonEmpty } from './fields.ts';
import type { NetworkKey__Output } from './generated/skein/v1/NetworkKey.ts';
import type { NetworkKeyring__Output } from './generated/skein/v1/NetworkKeyring.ts';
import type { NodeEncryption__Output } from './generated/skein/v1/NodeEncryption.ts';
import type { ViewEncryption__Output } from './generated/skein/v1/ViewEncryption.ts';
import type { Encoded } from './schema.ts';

function encodeKey(key: NetworkKey): Encoded<NetworkKey__Output> {
  return { epoch: key.epoch, secret: key.secret };
}

function decodeKey(wire: NetworkKey__Output): NetworkKey {
  return { epoch: integer(wire.epoch, 'NetworkKey.epoch'), secret: decodeBytes(wire.secret) };
}

export function encodeKeyring(keyring: NetworkKeyring): Encoded<NetworkKeyring__Output> {
  return {
    keys: keyring.keys.map(encodeKey),
    sending: keyring.sending,
    rotatedAtUs: encodeTime(keyring.rotatedAt),
    rotationAskedAtUs:
      keyring.rotationAskedAt === undefined ? undefined : encodeTime(keyring.rotationAskedAt),
  };
}

export function decodeKeyring(wire: NetworkKeyring__Output): NetworkKeyring {
  const keyring: Mutable<NetworkKeyring> = {
    keys: wire.keys.map(decodeKey),
    sending: integer(wire.sending, 'NetworkKeyring.sending'),
    rotatedAt: decodeTime(wire.rotatedAtUs, 'NetworkKeyring.rotated_at'),
  };
  if (wire.rotationAskedAtUs !== undefined) {
    keyring.rotationAskedAt = decodeTime(wire.rotationAskedAtUs, 'NetworkKeyring.rotation_asked_at');
  }
  return keyring;
}

export function encodeNodeEncryption(encryption: NodeEncryption): Encoded<NodeEncryption__Output> {
  return { incarnation: encryption.incarnation, epoch: encryption.epoch };
}

export function decodeNodeEncryption(wire: NodeEncryption__Output): NodeEncryption {
  return {
    incarnation: nonEmpty(wire.incarnation, 'NodeEncryption.incarnation'),
    epoch: integer(wire.epoch, 'NodeEncryption.epoch'),
  };
}

export function encodeViewEncryption(encryption: ViewEncryption): Encoded<ViewEncryption__Output> {
  return { keys: encryption.keys.map(encodeKey), sending: encryption.sending };
}

export function decodeViewEncryption(wire: ViewEncryption__Output): ViewEncryption {
  return { keys: wire.keys.map(decodeKey), sending: integer(wire.sending, 'ViewEncryption.sending') };
}
