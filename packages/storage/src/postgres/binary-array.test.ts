import test from 'ava';
import { Databases } from './databases.test.support.ts';
import { type Element, type ElementValue, packArray } from './binary-array.ts';
import { packText, unpackText } from './text.ts';

const ARRAYS: readonly (readonly [Element, string, readonly ElementValue[]])[] = [
  ['integer', 'integer', [0, -1, 2 ** 31 - 1, -(2 ** 31), null]],
  ['bigint', 'bigint', [0, -1, 1, 2 ** 32, 2 ** 53 - 1, -(2 ** 53 - 1), -(2 ** 32), null]],
  ['double', 'double precision', [0, 1.5, -1e300, 1_700_000_000_000.25, null, Infinity]],
  ['boolean', 'boolean', [true, false, null]],
  ['text', 'text', ['', 'a', '{"x",\\}', '🔑 ключ', null, "it's"]],
  ['bytea', 'bytea', [new Uint8Array(0), Uint8Array.from([0, 255, 92, 120]), null, new Uint8Array(5_000).fill(7)]],
];

test('the server reads back what was packed, nulls and extremes included', async t => {
  const databases = await Databases.start();
  t.teardown(() => databases.stop());
  for (const [element, type, values] of ARRAYS) {
    const asText = type === 'bytea' ? "encode(value, 'hex')" : 'value::text';
    const rows = await databases.server.run(
      'postgres',
      `SELECT ${asText} AS value FROM unnest($1::${type}[]) WITH ORDINALITY AS a(value, n) ORDER BY n`,
      [packArray(element, values)],
    );
    const expected = values.map(value => {
      if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
      return type === 'double precision' && value !== null ? Number(value) : value === null ? null : String(value);
    });
    const found = rows.map(({ value }) => (type === 'double precision' && value !== null ? Number(value) : value));
    t.deepEqual(found, expected, element);
  }
  t.is(packArray('text', []), null);
});

test('any text survives a column that refuses the character 0', t => {
  for (const text of ['', 'plain', '\0', 'a\0b', '\uFFFE', '\uFFFE0', '\uFFFE\0', '\0\uFFFE1', '\uFFFE1\uFFFE0']) {
    const packed = packText(text);
    t.false(packed.includes('\0'));
    t.is(unpackText(packed), text);
  }
  t.is(packText('plain'), 'plain');
});
