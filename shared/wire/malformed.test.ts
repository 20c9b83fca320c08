// Hostile and foreign bytes: every decoder either gives a value or throws `malformed-message` with the name
// of the field, and never anything else. What a newer peer adds is ignored.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  node as anyNode,
  objects,
  service as anyService,
  task as anyTask,
} from '../../test/support/arbitraries.ts';
import { SkeinError } from '../errors.ts';
import type { ModelObjects, TableName } from '../model/objects.ts';
import { TABLE_NAMES } from '../model/objects.ts';
import { messages } from './messages.ts';
import { listRequest } from './control_requests.ts';
import { dispatcherMessage } from './dispatcher.ts';
import { decodeObject, encodeObject } from './objects.ts';

/** A fixed sample: the seed makes every run see the same object. */
function sample<T>(arbitrary: fc.Arbitrary<T>, suits: (value: T) => boolean): T {
  const found = fc.sample(arbitrary, { seed: 7, numRuns: 200 }).find(suits);
  if (found === undefined) {
    throw new Error('no sample suits: take another seed');
  }
  return found;
}

const task = sample(
  anyTask,
  (candidate) => candidate.networks.length > 0 && candidate.status.ports.length > 0,
);
const node = sample(anyNode, (candidate) => candidate.description !== undefined);
const service = sample(anyService, (candidate) => candidate.endpoint !== undefined);

/** Appends fields to a message: of a field that comes twice the last counts. */
function append(bytes: Uint8Array, ...more: number[]): Uint8Array {
  return Buffer.concat([bytes, Uint8Array.from(more)]);
}

const varint = (field: number) => field << 3;
const lengthDelimited = (field: number) => (field << 3) | 2;
const LARGEST_INT64 = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];

/** A million bytes of `start group 100`, which decoders follow by recursion. */
const GROUPS = Uint8Array.from({ length: 1_000_000 }, (_, index) => (index % 2 === 0 ? 0xa3 : 0x06));

function refusal(decode: () => unknown): string | undefined {
  try {
    decode();
  } catch (error) {
    if (error instanceof SkeinError && error.code === 'malformed-message' && error.kind === 'invalid') {
      return error.data['field'];
    }
    throw error;
  }
  return undefined;
}

describe('a message that lacks what it cannot be without', () => {
  const without = (change: (wire: ReturnType<typeof decodeWire>) => void) => {
    const wire = decodeWire();
    change(wire);
    return () => decodeObject('task', messages.message('Task').encode(wire as never));
  };
  const decodeWire = () => messages.message('Task').decode(encodeObject('task', task));

  it.each([
    ['Task.id', without((wire) => Object.assign(wire, { id: '' }))],
    ['Task.meta', without((wire) => Object.assign(wire, { meta: null }))],
    ['Task.spec', without((wire) => Object.assign(wire, { spec: null }))],
    ['Task.status', without((wire) => Object.assign(wire, { status: null }))],
    [
      'Task.desired_state',
      without((wire) => Object.assign(wire, { desiredState: 'TASK_STATE_UNSPECIFIED' })),
    ],
    ['TaskSpec.container', without((wire) => Object.assign(wire.spec ?? {}, { container: null }))],
    ['TaskStatus.state', without((wire) => Object.assign(wire.status ?? {}, { state: undefined }))],
    [
      'NetworkAttachment.network_id',
      without((wire) => Object.assign(wire.networks[0] ?? {}, { networkId: '' })),
    ],
    [
      'PortConfig.protocol',
      without((wire) => Object.assign(wire.status?.ports[0] ?? {}, { protocol: undefined })),
    ],
  ])('%s', (field, decode) => {
    expect(refusal(decode)).toBe(field);
  });

  it.each(TABLE_NAMES)('%s: no bytes at all', (table) => {
    const name = `${table[0]?.toUpperCase()}${table.slice(1)}`;
    expect(refusal(() => decodeObject(table, new Uint8Array(0)))).toBe(`${name}.id`);
  });

  it('a stream message of no kind', () => {
    expect(refusal(() => dispatcherMessage.decode(new Uint8Array(0)))).toBe('DispatcherMessage.variant');
  });
});

describe('a message with values that mean nothing', () => {
  const nodeBytes = encodeObject('node', node);
  const taskBytes = encodeObject('task', task);
  const serviceBytes = encodeObject('service', service);

  it.each([
    ['an unknown enum value', 'Node.role', () => decodeObject('node', append(nodeBytes, varint(4), 99))],
    ['an enum of 0', 'Node.role', () => decodeObject('node', append(nodeBytes, varint(4), 0))],
    [
      'a number beyond 2^53',
      'Task.slot',
      () => decodeObject('task', append(taskBytes, varint(7), ...LARGEST_INT64)),
    ],
    [
      'a mode of no kind',
      'ServiceMode.variant',
      () => {
        const wire = messages.message('Service').decode(serviceBytes);
        Object.assign(wire.spec ?? {}, { mode: {} });
        return decodeObject('service', messages.message('Service').encode(wire as never));
      },
    ],
    [
      'a length beyond the end',
      'Task',
      () => decodeObject('task', append(taskBytes, lengthDelimited(3), 100)),
    ],
    ['a wire type that does not exist', 'Task', () => decodeObject('task', append(taskBytes, 0x0f))],
    ['a million groups, one in the other', 'Task', () => decodeObject('task', GROUPS)],
    [
      'a million groups in a nested message',
      'Task',
      () =>
        decodeObject('task', Buffer.concat([Uint8Array.of(lengthDelimited(2), 0xc0, 0x84, 0x3d), GROUPS])),
    ],
  ])('%s', (_name, field, decode) => {
    expect(refusal(decode)).toBe(field);
  });

  it('keeps the data of a refused message out of the error', () => {
    const secret = { ...sample(objects.secret, () => true) };
    const bytes = encodeObject('secret', {
      ...secret,
      spec: { ...secret.spec, data: new TextEncoder().encode('hunter2') },
    });
    for (let end = 0; end < bytes.length; end += 1) {
      try {
        decodeObject('secret', bytes.subarray(0, end));
      } catch (error) {
        expect(JSON.stringify([String(error), error])).not.toContain('hunter2');
      }
    }
  });
});

describe('what a newer peer adds', () => {
  it('is ignored', () => {
    const bytes = encodeObject('task', task);
    const added = append(bytes, ...[0xba, 0x3e, 3, 1, 2, 3], ...[0xc0, 0x3e, 7]);
    expect(decodeObject('task', added)).toStrictEqual(task);
  });
});

describe('map keys that are names of the language', () => {
  it('a filter called __proto__ changes no prototype', () => {
    const key = new TextEncoder().encode('__proto__');
    const entry = [lengthDelimited(1), key.length, ...key, lengthDelimited(2), 0];
    const { filters } = listRequest.decode(Uint8Array.from([lengthDelimited(1), entry.length, ...entry]));
    expect(Object.getPrototypeOf(filters)).toBe(Object.prototype);
    expect(Object.keys({})).toEqual([]);
  });
});

describe('bytes of any kind', () => {
  const decodes = <T extends TableName>(table: T, bytes: Uint8Array): ModelObjects[T] | undefined => {
    let object: ModelObjects[T] | undefined;
    refusal(() => {
      object = decodeObject(table, bytes);
    });
    return object;
  };

  it('random bytes are refused, or are an object', () => {
    fc.assert(
      fc.property(fc.constantFrom(...TABLE_NAMES), fc.uint8Array({ maxLength: 200 }), (table, bytes) => {
        decodes(table, bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('an object cut off or with a byte changed is refused, or is an object that encodes again', () => {
    const damaged = fc.record({ task: anyTask, at: fc.nat(), value: fc.nat(255), cut: fc.boolean() });
    fc.assert(
      fc.property(damaged, ({ task: whole, at, value, cut }) => {
        const bytes = Uint8Array.from(encodeObject('task', whole));
        const position = at % bytes.length;
        bytes[position] = value;
        const object = decodes('task', cut ? bytes.subarray(0, position) : bytes);
        if (object !== undefined) {
          expect(encodeObject('task', object).length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
