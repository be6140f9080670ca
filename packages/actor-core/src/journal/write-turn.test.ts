import test from 'ava';
import { unpack } from 'msgpackr';
import type { Command } from '../command/command.ts';
import type { Message } from '../message/message.ts';
import { writeTurn } from './write-turn.ts';

const VALUES: readonly (readonly [string, readonly unknown[]])[] = [
  ['nothing', []],
  ['numbers of every size', [0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32, 2 ** 52, -1, -33, -200, -40_000, 1.5]],
  ['a time', [1_790_000_000_123.456]],
  ['strings', ['', 'a', 'x'.repeat(31), 'x'.repeat(32), 'y'.repeat(300), 'é'.repeat(40), '日本', '🎉']],
  ['flags and null', [true, false, null]],
  ['bytes', [new Uint8Array(0), Uint8Array.of(1, 2, 3), new Uint8Array(300).fill(7)]],
  ['nested', [1, [2, [3, ['four']]], Array.from({ length: 20 }, (_, i) => [i])]],
];

for (const [name, values] of VALUES) {
  test(`${name}: what msgpackr reads is what was written`, t => {
    const read: unknown = unpack(written(values)!);
    t.deepEqual(plain(read), [1, 5, [plain(values)], [], null, null]);
  });
}

test('the commonest message and command are written without their fields being made', t => {
  const result = Uint8Array.of(1, 1, 0xc0);
  const done = { kind: 'task-done', at: 8, command: 300, attempt: 2, result } as unknown as Message;
  const step: Command = { kind: 'task', step: true, name: 'pay', input: null, deadline: null, label: null };
  const fail = () => t.fail();
  const bytes = writeTurn(1, 5, [done], [step, step], '00-trace', { message: fail, command: fail });
  t.deepEqual(plain(unpack(bytes!)), [
    1,
    5,
    [[1, 3, 300, 2, plain(result)]],
    [
      [1, 'pay'],
      [1, 'pay'],
    ],
    null,
    '00-trace',
  ]);
});

test('other values and more than 64 KiB are left to a general packer', t => {
  for (const other of [undefined, new Date(0), new Map(), { a: 1 }, 1n, '\ud800', [['x', new Date(1)]]]) {
    t.is(written([1, other]), undefined);
  }
  t.is(written([new Uint8Array(65 * 1024)]), undefined);
});

test('what was refused leaves nothing behind', t => {
  written(['before', new Date(0)]);
  t.deepEqual(unpack(written(['after'])!), [1, 5, [['after']], [], null, null]);
});

/** A turn of one message of these fields. */
function written(fields: readonly unknown[]): Uint8Array | undefined {
  const fieldsOf = { message: () => fields, command: () => [] };
  return writeTurn(1, 5, [{ kind: 'start', at: 5, attributes: null }], [], null, fieldsOf);
}

/** Bytes as arrays of numbers, whatever view they are. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  return Array.isArray(value) ? value.map(plain) : value;
}
