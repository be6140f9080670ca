import test from 'ava';
import { Databases } from './databases.test.support.ts';
import { type Element, type ElementValue, packArray, packRows } from './binary-array.ts';
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

test('the server reads back rows of a composite type, nulls and empty fields included', async t => {
  const databases = await Databases.start();
  t.teardown(() => databases.stop());
  const { server } = databases;
  await server.run(
    'postgres',
    'CREATE TYPE mixed AS (n integer, b bigint, d double precision, f boolean, t text, y bytea)',
  );
  const [type] = await server.run('postgres', "SELECT 'mixed'::regtype::oid::bigint AS oid");
  const elements = ['integer', 'bigint', 'double', 'boolean', 'text', 'bytea'] as const;
  const given: readonly ElementValue[][] = [
    [1, 2 ** 53 - 1, 1.5, true, 'ключ (,")\\', Uint8Array.from([0, 255])],
    [null, null, null, null, null, null],
    [-1, -(2 ** 32), -0.25, false, '', new Uint8Array(0)],
  ];
  const rows = await server.run(
    'postgres',
    "SELECT n, b::text, d, f, t, encode(y, 'hex') AS y FROM unnest($1::mixed[])",
    [packRows(Number(type!['oid']), elements, given)],
  );
  const hex = (bytes: ElementValue) => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString('hex') : bytes);
  t.deepEqual(
    rows,
    given.map(([n, b, d, f, text, y]) => ({
      ...{ n, b: b === null ? null : String(b), d, f, t: text },
      y: hex(y as ElementValue),
    })),
  );
  t.is(packRows(1, elements, []), null);
});

test('any text survives a column that refuses the character 0', t => {
  for (const text of ['', 'plain', '\0', 'a\0b', '\uFFFE', '\uFFFE0', '\uFFFE\0', '\0\uFFFE1', '\uFFFE1\uFFFE0']) {
    const packed = packText(text);
    t.false(packed.includes('\0'));
    t.is(unpackText(packed), text);
  }
  t.is(packText('plain'), 'plain');
});
