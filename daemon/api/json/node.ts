// Nodes between the Engine API's JSON and the model.
import 'reflect-metadata';
import { X509Certificate } from '@peculiar/x509';
import type { Node, NodeSpec } from '../../../shared/model/node.ts';
import { compact, type Fields, textOrNothing, timestamp, trueOrNothing } from './fields.ts';
import { writeResourceSet } from './service.ts';

export function readNodeSpec(json: Fields): NodeSpec {
  return {
    name: json.string('Name'),
    labels: json.stringMap('Labels'),
    desiredRole: json.word('Role', ['worker', 'manager'] as const, 'worker'),
    membership: 'accepted',
    availability: json.word('Availability', ['active', 'pause', 'drain'] as const, 'active'),
  };
}

export function writeNode(node: Node): Record<string, unknown> {
  const { description, managerStatus } = node;
  return compact({
    ID: node.id,
    Version: { Index: node.meta.version },
    CreatedAt: timestamp(node.meta.createdAt),
    UpdatedAt: timestamp(node.meta.updatedAt),
    Spec: compact({
      Name: textOrNothing(node.spec.name),
      Labels: node.spec.labels,
      Role: node.spec.desiredRole,
      Availability: node.spec.availability,
    }),
    Description:
      description === undefined
        ? {}
        : {
            Hostname: description.hostname,
            Platform: { Architecture: description.platform.architecture, OS: description.platform.os },
            Resources: compact(writeResourceSet(description.resources)),
            Engine: {
              EngineVersion: description.engine.version,
              Labels: description.engine.labels,
              Plugins: description.engine.plugins.map((plugin) => ({ Type: plugin.type, Name: plugin.name })),
            },
            TLSInfo: writeTlsInfo(description.trustRootPem),
          },
    Status: compact({
      State: node.status.state,
      Message: textOrNothing(node.status.message),
      Addr: textOrNothing(node.status.address),
    }),
    ManagerStatus:
      managerStatus &&
      compact({
        Leader: trueOrNothing(managerStatus.leader),
        Reachability: managerStatus.reachability,
        Addr: managerStatus.address,
        // Not Docker's: since when the leader has not heard of it.
        UnreachableSince:
          managerStatus.unreachableSince === undefined
            ? undefined
            : timestamp(managerStatus.unreachableSince),
      }),
  });
}

/** Roots seen lately: every node of a list tells the same one. Two, since a rotation has two. */
const TLS_INFO_CACHE_SIZE = 2;
const tlsInfos = new Map<string, Record<string, unknown>>();

/** The root a node trusts: PEM, and its issuer's name and public key as DER in base64. */
export function writeTlsInfo(rootPem: string): Record<string, unknown> {
  const known = tlsInfos.get(rootPem);
  if (known !== undefined) {
    return known;
  }
  const info = rootPem === '' ? {} : readTlsInfo(rootPem);
  tlsInfos.set(rootPem, info);
  for (const oldest of tlsInfos.keys()) {
    if (tlsInfos.size <= TLS_INFO_CACHE_SIZE) {
      break;
    }
    tlsInfos.delete(oldest);
  }
  return info;
}

/** A node says itself what it trusts: one that sends nonsense must not spoil the list of all nodes. */
function readTlsInfo(rootPem: string): Record<string, unknown> {
  try {
    const certificate = new X509Certificate(rootPem);
    return {
      TrustRoot: rootPem,
      CertIssuerSubject: Buffer.from(certificate.issuerName.toArrayBuffer()).toString('base64'),
      CertIssuerPublicKey: Buffer.from(certificate.publicKey.rawData).toString('base64'),
    };
  } catch {
    return { TrustRoot: rootPem };
  }
}
