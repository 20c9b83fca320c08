// The call behind `skein network check`: every network of this node with what differed.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ApiBed, apiBed } from '../../../test/support/api_bed.ts';

let bed: ApiBed;
beforeEach(async () => {
  bed = await apiBed(() => undefined);
});
afterEach(() => bed.close());

it('tells network by network what differed', async () => {
  const differences = ['put route unicast 10.0.1.5/32 table 254 dev t-task'];
  bed.node.networkReports.push({
    networkId: 'net1',
    name: 'shop',
    version: 7,
    differences,
    problems: ['no route to h9'],
  });
  const answer = await bed.app.inject({ method: 'POST', url: '/v1.41/skein/network/check' });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual([
    { NetworkID: 'net1', Name: 'shop', Version: 7, Differences: differences, Problems: ['no route to h9'] },
  ]);
});
