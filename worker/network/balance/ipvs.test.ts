// IPVS: genetlink requests byte for byte as the kernel's headers define them, and the program's decisions.
import { describe, expect, it } from 'vitest';
import {
  IpvsRequests,
  type IpvsService,
  familyRequest,
  parseDestination,
  parseService,
} from '../../kernel/genetlink_ipvs.ts';
import { decodeMessages, encodeMessage } from '../../kernel/netlink_message.ts';
import type { BalancePlan } from '../plan/balance_plan.ts';
import { diffIpvs, planIpvs, vipMark } from './ipvs_plan.ts';

const requests = new IpvsRequests(0x20);
const mark: IpvsService = { kind: 'mark', mark: 0x4a050002, scheduler: 'rr' };
const port: IpvsService = { kind: 'port', protocol: 6, address: '198.18.0.1', port: 8080, scheduler: 'rr' };
const destination = { address: '10.5.0.11', port: 80, weight: 1 };

function hex(request: Parameters<typeof encodeMessage>[0]): string {
  return encodeMessage(request, 1).toString('hex');
}

/** Hex of attributes: length and type in little-endian, then the value, padded to four bytes. */
const ZEROS = '00'.repeat(12);
const IDENTITY_MARK = '0600010002000000 080005000200054a'.replaceAll(' ', '');
const PARAMETERS = '0700060072720000 0c00070000000000ffffffff 0800080000000000 08000900ffffffff'.replaceAll(
  ' ',
  '',
);
const IDENTITY_PORT =
  `0600010002000000 0600020006000000 14000300c6120001${ZEROS} 060004001f900000`.replaceAll(' ', '');
const DESTINATION = `06000b0002000000 140001000a05000b${ZEROS} 0600020000500000`.replaceAll(' ', '');
const WEIGHT = '0800030000000000 0800040001000000 0800050000000000 0800060000000000'.replaceAll(' ', '');
/** Netlink header (length, type, flags, sequence 1, port 0) and generic header. */
const header = (length: string, type: string, flags: string, generic: string): string =>
  `${length}000000${type}${flags}0100000000000000${generic}`;

describe('requests', () => {
  it.each([
    [
      'resolve the family',
      familyRequest('IPVS'),
      `${header('20', '1000', '0100', '03010000')}090002004950565300000000`,
    ],
    [
      'add a service by mark',
      requests.addService(mark),
      `${header('4c', '2000', '0500', '01010000')}38000100${IDENTITY_MARK}${PARAMETERS}`,
    ],
    [
      'remove a service by port',
      requests.removeService(port),
      `${header('44', '2000', '0500', '03010000')}30000100${IDENTITY_PORT}`,
    ],
    [
      'add a destination',
      requests.addDestination(mark, destination),
      `${header('70', '2000', '0500', '05010000')}14000100${IDENTITY_MARK}48000200${DESTINATION}${WEIGHT}`,
    ],
    [
      'remove a destination',
      requests.removeDestination(mark, destination),
      `${header('50', '2000', '0500', '07010000')}14000100${IDENTITY_MARK}28000200${DESTINATION}`,
    ],
  ])('%s', (_, request, expected) => {
    expect(hex(request)).toBe(expected);
  });

  it('reads back what it wrote', () => {
    const [service] = decodeMessages(encodeMessage(requests.addService(port), 1));
    const [target] = decodeMessages(encodeMessage(requests.addDestination(port, destination), 1));
    expect(service && parseService(service)).toEqual(port);
    expect(target && parseDestination(target)).toEqual(destination);
  });
});

describe('the program', () => {
  const plan: BalancePlan = {
    vips: [
      {
        serviceId: 's',
        address: '10.5.0.2',
        backends: [
          { address: '10.5.0.11', draining: false },
          { address: '10.5.0.12', draining: true },
        ],
      },
      { serviceId: 'none', address: '10.5.0.3', backends: [] },
    ],
    ports: [
      {
        ...{ protocol: 'tcp', published: 8080, target: 80, backends6: [] },
        backends: [{ address: '10.5.0.11', draining: false }],
      },
    ],
    hairpin: undefined,
    hairpin6: undefined,
    outbound: { source: '198.18.0.1', subnets: ['10.5.0.0/24'] },
    outbound6: undefined,
    limited: { links: [], connections: 65_536, shut: [] },
    peers: [],
  };
  const labels = (from: ReturnType<typeof planIpvs>, to: ReturnType<typeof planIpvs>): string[] =>
    diffIpvs(from, to, requests).map(({ label, fixed }) => `${fixed[0]} ${label}`);

  it('makes a service a VIP and a port, with weight 0 for what drains', () => {
    expect([...planIpvs(plan).values()]).toEqual([
      {
        service: { kind: 'mark', mark: vipMark('10.5.0.2'), scheduler: 'rr' },
        destinations: [
          { address: '10.5.0.11', port: 0, weight: 1 },
          { address: '10.5.0.12', port: 0, weight: 0 },
        ],
      },
      { service: { ...port, kind: 'port' }, destinations: [{ address: '10.5.0.11', port: 80, weight: 1 }] },
    ]);
    expect(vipMark('10.5.0.2')).toBe(0x4a050002);
  });

  it('changes a weight in place, adds before it removes, and ends at nothing', () => {
    const full = planIpvs(plan);
    const [vip] = plan.vips;
    const served = (vip?.backends ?? []).map(({ address }) => ({ address, draining: false }));
    const healed = planIpvs({ ...plan, vips: vip === undefined ? [] : [{ ...vip, backends: served }] });
    expect(labels(full, full)).toEqual([]);
    expect(labels(full, healed)).toEqual(['6 ipvs mark 1241841666 to 10.5.0.12:0']);
    expect(labels(new Map(), full)).toEqual([
      '1 ipvs mark 1241841666',
      '5 ipvs mark 1241841666 to 10.5.0.11:0',
      '5 ipvs mark 1241841666 to 10.5.0.12:0',
      '1 ipvs 6 198.18.0.1:8080',
      '5 ipvs 6 198.18.0.1:8080 to 10.5.0.11:80',
    ]);
    expect(labels(full, new Map())).toEqual(['3 ipvs mark 1241841666', '3 ipvs 6 198.18.0.1:8080']);
  });
});
