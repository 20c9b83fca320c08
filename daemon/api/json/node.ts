// Nodes between the Engine API's JSON and the model.
import { X509Certificate } from 'node:crypto';
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
      }),
  });
}

/** The root a node trusts: PEM, and its public key (SPKI) in base64. */
export function writeTlsInfo(rootPem: string): Record<string, unknown> {
  if (rootPem === '') {
    return {};
  }
  const certificate = new X509Certificate(rootPem);
  return {
    TrustRoot: rootPem,
    CertIssuerSubject: Buffer.from(certificate.issuer).toString('base64'),
    CertIssuerPublicKey: certificate.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'),
  };
}
