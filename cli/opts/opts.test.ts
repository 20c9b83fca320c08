// The small grammars of flags, as tables.
import { describe, expect, it } from 'vitest';
import { parseBytes } from '../flags/bytes.ts';
import { formatDuration, parseDuration } from '../flags/duration.ts';
import { csvFields } from './csv.ts';
import { parseFileReference } from './file_reference.ts';
import { parseMount } from './mount.ts';
import { parseNetwork } from './network.ts';
import { resolveEnvironment } from './pairs.ts';
import { parsePublish, parseTargetPort } from './publish.ts';
import { parseGenericResource, parseHost, parsePreference, parseUlimit, shellWords } from './resources.ts';
import { parseTime } from './time.ts';

const port = (target: number, published?: number, protocol = 'tcp', mode = 'ingress') => ({
  Protocol: protocol,
  TargetPort: target,
  ...(published !== undefined && { PublishedPort: published }),
  PublishMode: mode,
});

describe('publish', () => {
  it.each([
    ['80', [port(80)]],
    ['8080:80', [port(80, 8080)]],
    ['53:53/udp', [port(53, 53, 'udp')]],
    ['9000-9002:90-92', [port(90, 9000), port(91, 9001), port(92, 9002)]],
    ['target=80', [port(80)]],
    ['published=8080,target=80,protocol=sctp,mode=host', [port(80, 8080, 'sctp', 'host')]],
  ])('%s', (text, ports) => {
    expect(parsePublish(text)).toEqual(ports);
  });

  it.each([
    ['', /invalid port format/],
    ['x', /invalid port port 'x'/],
    ['0:80', /takes a number from 1/],
    ['70000:80', /takes a number/],
    ['127.0.0.1:80:80', /hostip is not supported/],
    ['1-2:80', /invalid ranges/],
    ['5-4', /invalid port range/],
    ['80/icmp', /invalid protocol/],
    ['published=80', /missing mandatory field "target"/],
    ['target=80,mode=nat', /invalid publish mode/],
    ['target=80,port=1', /invalid field key: port/],
  ])('refuses %s', (text, message) => {
    expect(() => parsePublish(text)).toThrow(message);
  });

  it('publish-rm takes a target with a protocol', () => {
    expect(parseTargetPort('53/udp')).toEqual({ TargetPort: 53, Protocol: 'udp' });
    expect(parseTargetPort('80')).toEqual({ TargetPort: 80, Protocol: 'tcp' });
  });
});

describe('mount', () => {
  it.each([
    ['type=bind,src=/a,dst=/b,ro', { Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true }],
    ['target=/anon', { Type: 'volume', Target: '/anon' }],
    ['type=bind,"source=/a,b",target=/c', { Type: 'bind', Source: '/a,b', Target: '/c' }],
    [
      'type=bind,source=/a,target=/b,bind-propagation=rshared,bind-create-src,readonly=false',
      {
        Type: 'bind',
        Source: '/a',
        Target: '/b',
        ReadOnly: false,
        BindOptions: { Propagation: 'rshared', CreateMountpoint: true },
      },
    ],
    [
      'source=v,target=/v,volume-driver=local,volume-opt=type=nfs,volume-opt=o=addr,volume-label=a=b,volume-nocopy',
      {
        Type: 'volume',
        Source: 'v',
        Target: '/v',
        VolumeOptions: {
          NoCopy: true,
          Labels: { a: 'b' },
          DriverConfig: { Name: 'local', Options: { type: 'nfs', o: 'addr' } },
        },
      },
    ],
    [
      'type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1777',
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576, Mode: 0o1777 } },
    ],
  ])('%s', (text, mount) => {
    expect(parseMount(text)).toEqual(mount);
  });

  it.each([
    ['type=bind', /target is required/],
    ['type=bind,target', /must be a key=value pair/],
    ['target=/a,bogus=1', /unexpected key 'bogus'/],
    ['type=tmpfs,target=/t,volume-nocopy', /cannot mix 'volume-\*' options with mount type 'tmpfs'/],
    ['target=/a,ro=maybe', /neither true nor false/],
    ['type=tmpfs,target=/t,tmpfs-mode=9', /octal/],
    ['"target=/a', /extraneous or missing/],
  ])('refuses %s', (text, message) => {
    expect(() => parseMount(text)).toThrow(message);
  });
});

describe('durations and sizes', () => {
  it.each([
    ['0', 0, '0s'],
    ['5s', 5e9, '5s'],
    ['1h30m', 5400e9, '1h30m0s'],
    ['2160h', 7776000e9, '2160h0m0s'],
    ['500ms', 5e8, '500ms'],
    ['1.5s', 1.5e9, '1.5s'],
    ['10us', 1e4, '10µs'],
    ['-1m', -60e9, '-1m0s'],
  ])('%s is %d ns', (text, ns, printed) => {
    expect(parseDuration(text)).toBe(ns);
    expect(formatDuration(ns)).toBe(printed);
  });

  it.each(['', '5', 's', '1x', '1s2', '--1s'])('refuses the duration %j', (text) => {
    expect(() => parseDuration(text)).toThrow(/is no duration/);
  });

  it.each([
    ['10', 10],
    ['512m', 512 * 1024 ** 2],
    ['1.5GiB', 1.5 * 1024 ** 3],
    ['4kb', 4096],
    ['2 G', 2 * 1024 ** 3],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  it.each(['', 'm', '-1m', '1x', '99999999p', '1mm'])('refuses the size %j', (text) => {
    expect(() => parseBytes(text)).toThrow(/invalid size/);
  });

  it.each([
    ['1700000000', '1700000000'],
    ['1700000000.5', '1700000000.5'],
    ['10m', '999400.000000000'],
    ['1970-01-12T13:46:40Z', '1000000.000000000'],
    ['1970-01-12T15:46:40+02:00', '1000000.000000000'],
    ['1970-01-12T13Z', '997200.000000000'],
  ])('the time %s', (text, seconds) => {
    expect(parseTime(text, 1_000_000_000)).toBe(seconds);
  });

  it('refuses a time that is none', () => {
    expect(() => parseTime('yesterday', 0)).toThrow(/is no time/);
  });
});

describe('single flags', () => {
  it('files: name alone, and the long form', () => {
    const own = (name: string) => name;
    expect(parseFileReference('pw', own)).toEqual({
      source: 'pw',
      target: 'pw',
      uid: '0',
      gid: '0',
      mode: 0o444,
    });
    expect(parseFileReference('source=pw,target=/x,uid=1,gid=2,mode=0400', own)).toEqual({
      source: 'pw',
      target: '/x',
      uid: '1',
      gid: '2',
      mode: 0o400,
    });
    expect(() => parseFileReference('target=x', own)).toThrow(/source is required/);
    expect(() => parseFileReference('source=x,mode=rw', own)).toThrow(/invalid mode/);
  });

  it('networks', () => {
    expect(parseNetwork('back')).toEqual({ Target: 'back' });
    expect(parseNetwork('name=back,alias=DB,alias=db2,driver-opt=a=b')).toEqual({
      Target: 'back',
      Aliases: ['db', 'db2'],
      DriverOpts: { a: 'b' },
    });
    expect(() => parseNetwork('alias=x')).toThrow(/not specified/);
  });

  it('limits, resources, hosts, preferences', () => {
    expect(parseUlimit('nofile=10:20')).toEqual({ Name: 'nofile', Soft: 10, Hard: 20 });
    expect(parseUlimit('core=-1')).toEqual({ Name: 'core', Soft: -1, Hard: -1 });
    expect(() => parseUlimit('nofile=20:10')).toThrow(/less than or equal/);
    expect(parseGenericResource('gpu=2')).toEqual({ DiscreteResourceSpec: { Kind: 'gpu', Value: 2 } });
    expect(() => parseGenericResource('gpu=UUID')).toThrow(/Named Generic Resources/);
    expect(parseHost('db:10.0.0.1')).toBe('10.0.0.1 db');
    expect(parseHost('db:fd00::1')).toBe('fd00::1 db');
    expect(parsePreference('spread=node.labels.z')).toBe('node.labels.z');
    expect(() => parsePreference('pack=x')).toThrow(/only spread/);
  });

  it('words of a shell', () => {
    expect(shellWords(`sh -c "a b" 'c d' e\\ f "" g"h"i`)).toEqual([
      'sh',
      '-c',
      'a b',
      'c d',
      'e f',
      '',
      'ghi',
    ]);
    expect(() => shellWords('a "b')).toThrow(/unclosed quote/);
  });

  it('environment and CSV', () => {
    expect(resolveEnvironment(['A=1', 'HOME', 'NOPE', 'E='], { HOME: '/root' })).toEqual([
      'A=1',
      'HOME=/root',
      'E=',
    ]);
    expect(csvFields('a=1,"b=2,""3""",c')).toEqual(['a=1', 'b=2,"3"', 'c']);
  });
});
