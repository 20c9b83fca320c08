// The lab's switch, frame by frame: flooding, learning, cables cut for one direction and for both; and the frames in
// which the agent answers, however the bytes arrive.
import { describe, expect, it } from 'vitest';
import { EthernetSwitch } from './ethernet.ts';
import { FRAME, FrameReader, frame } from './job.ts';

const BROADCAST = 'ffffffffffff';
const stations = { h1: '525400000001', h2: '525400000002', h3: '525400000003' };

function ethernetFrame(to: string, from: string): Buffer {
  return Buffer.from(`${to}${from}0800`, 'hex');
}

describe('the switch', () => {
  const plugged = (): EthernetSwitch => {
    const ethernet = new EthernetSwitch();
    for (const name of Object.keys(stations)) {
      ethernet.plug(name);
    }
    return ethernet;
  };

  it('floods what it does not know, and learns where stations are', () => {
    const ethernet = plugged();
    expect(ethernet.route('h1', ethernetFrame(stations.h2, stations.h1))).toEqual(['h2', 'h3']);
    expect(ethernet.route('h2', ethernetFrame(stations.h1, stations.h2))).toEqual(['h1']);
    expect(ethernet.route('h1', ethernetFrame(stations.h2, stations.h1))).toEqual(['h2']);
    expect(ethernet.route('h1', ethernetFrame(BROADCAST, stations.h1))).toEqual(['h2', 'h3']);
  });

  it('forgets stations behind a port that is unplugged', () => {
    const ethernet = plugged();
    ethernet.route('h2', ethernetFrame(BROADCAST, stations.h2));
    ethernet.unplug('h2');
    expect(ethernet.route('h1', ethernetFrame(stations.h2, stations.h1))).toEqual(['h3']);
  });

  it('drops what a cut forbids, in that direction only, until it is healed', () => {
    const ethernet = plugged();
    ethernet.route('h2', ethernetFrame(BROADCAST, stations.h2));
    ethernet.cut('h1', 'h2');
    expect(ethernet.route('h1', ethernetFrame(stations.h2, stations.h1))).toEqual([]);
    expect(ethernet.route('h1', ethernetFrame(BROADCAST, stations.h1))).toEqual(['h3']);
    expect(ethernet.route('h2', ethernetFrame(stations.h1, stations.h2))).toEqual(['h1']);
    ethernet.heal('h1', 'h2');
    expect(ethernet.route('h1', ethernetFrame(stations.h2, stations.h1))).toEqual(['h2']);
    ethernet.cut('h1', 'h2');
    ethernet.healAll();
    expect(ethernet.route('h1', ethernetFrame(stations.h2, stations.h1))).toEqual(['h2']);
  });

  it('drops what is no frame', () => {
    expect(plugged().route('h1', Buffer.alloc(13))).toEqual([]);
  });
});

describe('frames of the agent', () => {
  const sent = Buffer.concat([
    frame(FRAME.stdout, Buffer.from('one')),
    frame(FRAME.stderr, Buffer.alloc(0)),
    frame(FRAME.exit, Buffer.from('{}')),
  ]);

  it.each([1, 4, 7, sent.length])('are whole again in chunks of %d bytes', (size) => {
    const reader = new FrameReader();
    const read = [];
    for (let start = 0; start < sent.length; start += size) {
      read.push(...reader.push(sent.subarray(start, start + size)));
    }
    expect(read.map(({ kind, content }) => [kind, content.toString()])).toEqual([
      [FRAME.stdout, 'one'],
      [FRAME.stderr, ''],
      [FRAME.exit, '{}'],
    ]);
  });
});
