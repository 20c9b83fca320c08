// The certificate calls: open to strangers, since a joining node has no certificate; the CA checks the token.
import type { CaService } from '../../protocol/ca.ts';
import type { MethodTable } from '../../rpc/method.ts';
import { issueCertificateRequest, issueCertificateResponse, rootCertificate } from '../ca.ts';
import { unaryMethods } from './build.ts';

/** Issuing commits through raft; a new leader may have to be found first. */
const CA_TIMEOUT_MS = 20_000;

const ca = unaryMethods('Ca', ['stranger', 'worker', 'manager', 'local'], CA_TIMEOUT_MS);

export const caMethods: MethodTable<CaService> = {
  getRootCertificate: ca.unaryWithoutRequest('GetRootCertificate', rootCertificate),
  issueCertificate: ca.unary('IssueCertificate', issueCertificateRequest, issueCertificateResponse),
};
