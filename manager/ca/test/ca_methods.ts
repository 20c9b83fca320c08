// For tests: the CA's methods coded as JSON; the product's table is shared/wire's.
import type { CaService } from '../../../shared/protocol/ca.ts';
import type { Caller, MethodTable } from '../../../shared/rpc/method.ts';

const ALLOW: readonly Caller[] = ['stranger', 'worker', 'manager', 'local'];

const json = {
  kind: 'unary',
  allow: ALLOW,
  timeoutMs: 2_000,
  encodeRequest: (request: unknown) => Buffer.from(JSON.stringify(request)),
  decodeRequest: (bytes: Buffer) => JSON.parse(bytes.toString()),
  encodeResponse: (response: unknown) => Buffer.from(JSON.stringify(response)),
  decodeResponse: (bytes: Buffer) => JSON.parse(bytes.toString()),
} as const;

export const caMethods: MethodTable<CaService> = {
  getRootCertificate: { ...json, path: '/test.Ca/GetRootCertificate', noRequest: true },
  issueCertificate: { ...json, path: '/test.Ca/IssueCertificate' },
};
