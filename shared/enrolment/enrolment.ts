// What a node's daemon holds to get and renew its identity: `enroll` and `renew` with their dependencies bound.
import { parseCertificates } from '../identity/certificate.ts';
import type { Identity } from '../identity/identity.ts';
import { renewalTime } from '../identity/renewal.ts';
import type { NodeAvailability } from '../model/node.ts';
import type { Random } from '../random.ts';
import { type EnrollDependencies, enroll, renew } from './enroll.ts';

export interface EnrolmentDependencies extends EnrollDependencies {
  readonly random: Random;
}

export class Enrolment {
  private readonly dependencies: EnrolmentDependencies;

  constructor(dependencies: EnrolmentDependencies, _options: Readonly<Record<string, never>> = {}) {
    this.dependencies = dependencies;
  }

  /** Joins by token; see `enroll` for its errors. */
  join(request: {
    readonly addresses: readonly string[];
    readonly token: string;
    readonly availability: NodeAvailability;
    readonly signal?: AbortSignal;
  }): Promise<Identity> {
    return enroll(this.dependencies, { ...request, signal: request.signal ?? neverAborted() });
  }

  /** Renews by certificate; see `renew` for its errors. */
  renew(identity: Identity, addresses: readonly string[], signal?: AbortSignal): Promise<Identity> {
    return renew(this.dependencies, { identity, addresses, signal: signal ?? neverAborted() });
  }

  /** Epoch milliseconds at which the identity is to be renewed. */
  renewAt(identity: Identity): number {
    const [leaf] = parseCertificates(identity.certificateChainPem);
    const now = this.dependencies.clock.now();
    if (leaf === undefined) {
      return now;
    }
    const lifetime = { notBefore: Date.parse(leaf.validFrom), notAfter: Date.parse(leaf.validTo) };
    return renewalTime(lifetime, this.dependencies.random);
  }
}

/** Every single call has a time-out of its own. */
function neverAborted(): AbortSignal {
  return new AbortController().signal;
}
