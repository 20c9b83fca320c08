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

it('tells how an encrypted network reaches its nodes', async () => {
  const peer = { nodeId: 'n2', address: '192.0.2.2', epoch: 3, sent: 2, received: 1 };
  bed.node.networkReports.push({
    ...{ networkId: 'net1', name: 'vault', version: 7, differences: [], problems: [] },
    peers: [
      { ...peer, roundTripMs: 0.5 },
      { ...peer, problem: 'nothing came back' },
    ],
  });
  const answer = await bed.app.inject({ method: 'POST', url: '/v1.41/skein/network/check' });
  const told = { NodeID: 'n2', Address: '192.0.2.2', KeyEpoch: 3, Sent: 2, Received: 1 };
  expect(answer.json()[0].Peers).toEqual([
    { ...told, RoundTripMs: 0.5, Problem: '' },
    { ...told, RoundTripMs: null, Problem: 'nothing came back' },
  ]);
});
