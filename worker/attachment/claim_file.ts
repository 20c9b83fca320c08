// What this node's containers hold, on disk: a restarted daemon claims for those that live what they have, before it
// has heard of any manager. One small file, written anew at each change.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorMessage } from '../../shared/errors.ts';
import type { Logger } from '../../shared/log.ts';
import { type AttachmentClaim, claimProblem } from '../../shared/model/attachment.ts';
import type { NetworkAttachment } from '../../shared/model/endpoint.ts';

export interface HeldClaim {
  /** As the user named the network: the claim has its id by now. */
  readonly target: string;
  readonly claim: AttachmentClaim;
  readonly attachment: NetworkAttachment;
}

export interface ClaimStorage {
  load(): Promise<readonly HeldClaim[]>;
  /** Resolves once this, or something newer, outlives the daemon. */
  save(held: readonly HeldClaim[]): Promise<void>;
  /** Resolves when all that was asked for is done, or failed (each caller was told). */
  flush(): Promise<void>;
}

const FORMAT = 1;

export class ClaimFile implements ClaimStorage {
  private readonly logger: Logger;
  private readonly path: string;
  private next: readonly HeldClaim[] = [];
  /** The write that will take `next` along; a later one joins it until it begins. */
  private pending: Promise<void> | undefined;
  private last: Promise<void> = Promise.resolve();

  constructor(dependencies: { readonly logger: Logger }, options: { readonly path: string }) {
    this.logger = dependencies.logger;
    this.path = options.path;
  }

  /** A damaged file is reported, and means that nothing is held. */
  async load(): Promise<readonly HeldClaim[]> {
    try {
      return parse(await readFile(this.path, 'utf8'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        this.logger.warn(
          { file: this.path, error: errorMessage(error) },
          'the file of containers on overlay networks is damaged and was dropped: restart those containers',
        );
      }
      return [];
    }
  }

  save(held: readonly HeldClaim[]): Promise<void> {
    this.next = held;
    if (this.pending === undefined) {
      const write = this.last
        .catch(() => undefined)
        .then(() => {
          this.pending = undefined;
          return this.write(this.next);
        });
      this.pending = write;
      this.last = write;
    }
    return this.pending;
  }

  async flush(): Promise<void> {
    await this.last.catch(() => undefined);
  }

  private async write(held: readonly HeldClaim[]): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const temporary = `${this.path}.new`;
    await writeFile(temporary, JSON.stringify({ format: FORMAT, held }), { mode: 0o600 });
    await rename(temporary, this.path);
  }
}

function parse(text: string): readonly HeldClaim[] {
  const { format, held }: { format?: unknown; held?: unknown } = JSON.parse(text);
  if (format !== FORMAT || !Array.isArray(held)) {
    throw new Error(`its format is ${JSON.stringify(format)}, not ${FORMAT}`);
  }
  return held.map((one: HeldClaim) => {
    const problem = claimProblem(one.claim);
    if (
      problem !== undefined ||
      typeof one.target !== 'string' ||
      !Array.isArray(one.attachment?.addresses)
    ) {
      throw new Error(problem ?? 'an attachment has no network or no addresses');
    }
    return one;
  });
}
