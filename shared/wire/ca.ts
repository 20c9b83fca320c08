// Codecs of the certificate calls.
import type { IssueCertificateRequest, IssueCertificateResponse } from '../protocol/ca.ts';
import { nonEmpty } from './fields.ts';
import { messages } from './messages.ts';
import { nodeAvailability, nodeRole } from './node.ts';
import { bytesCodec } from './schema.ts';

export const rootCertificate = bytesCodec(
  messages.message('RootCertificate'),
  (response: { readonly certPem: string }) => ({ certPem: response.certPem }),
  (wire) => ({ certPem: nonEmpty(wire.certPem, 'RootCertificate.cert_pem') }),
);

export const issueCertificateRequest = bytesCodec(
  messages.message('IssueCertificateRequest'),
  (request: IssueCertificateRequest) => ({
    csrPem: request.csrPem,
    token: request.token,
    availability: nodeAvailability.encode(request.availability),
  }),
  (wire): IssueCertificateRequest => ({
    csrPem: nonEmpty(wire.csrPem, 'IssueCertificateRequest.csr_pem'),
    token: wire.token,
    availability: nodeAvailability.decode(wire.availability, 'IssueCertificateRequest.availability'),
  }),
);

export const issueCertificateResponse = bytesCodec(
  messages.message('IssueCertificateResponse'),
  (response: IssueCertificateResponse) => ({
    nodeId: response.nodeId,
    role: nodeRole.encode(response.role),
    certificateChainPem: response.certificateChainPem,
    rootCertPem: response.rootCertPem,
  }),
  (wire): IssueCertificateResponse => ({
    nodeId: nonEmpty(wire.nodeId, 'IssueCertificateResponse.node_id'),
    role: nodeRole.decode(wire.role, 'IssueCertificateResponse.role'),
    certificateChainPem: nonEmpty(wire.certificateChainPem, 'IssueCertificateResponse.certificate_chain_pem'),
    rootCertPem: nonEmpty(wire.rootCertPem, 'IssueCertificateResponse.root_cert_pem'),
  }),
);
