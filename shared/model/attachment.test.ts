import { expect, it } from 'vitest';
import { type AttachmentClaim, aliasesOf, claimProblem } from './attachment.ts';

const claim: AttachmentClaim = {
  id: 'a'.repeat(25),
  containerId: 'abcdef012345'.padEnd(64, '0'),
  containerName: 'shop_db-1',
  target: 'net',
  aliases: ['db', 'db.example.com'],
  addresses: ['10.0.5.2'],
};

it('is what a node may ask for', () => {
  expect(claimProblem(claim)).toBeUndefined();
  expect(aliasesOf({ ...claim, aliases: ['db', 'abcdef012345'] })).toEqual(['db', 'abcdef012345']);
});

it.each<[Partial<AttachmentClaim>, string]>([
  [{ id: '../x' }, '25 characters'],
  [{ containerId: 'abc' }, '64 hexadecimal'],
  [{ containerName: '' }, 'no name of a container'],
  [{ containerName: 'a b' }, 'no name of a container'],
  [{ containerName: 'a'.repeat(129) }, 'no name of a container'],
  [{ target: '' }, 'id or name'],
  [{ target: 'x'.repeat(129) }, 'id or name'],
  [{ aliases: ['-x'] }, "alias '-x'"],
  [{ aliases: Array(17).fill('x') }, '16 aliases'],
  [{ addresses: ['1', '2', '3'] }, 'one address of each family'],
])('is refused with %j', (over, problem) => {
  expect(claimProblem({ ...claim, ...over })).toContain(problem);
});
