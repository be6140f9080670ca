import test from 'ava';
import { encode } from '@dfnsjs/actor-core/values';
import { fromTagged, toJson } from './json.ts';
import { PayloadReference } from './payload-reference.ts';

const tagged = (value: unknown) => fromTagged(JSON.parse(toJson(value, 'tagged')));
const plain = (value: unknown): unknown => JSON.parse(toJson(value, 'plain'));

const cause = new RangeError('inner');
const VALUES: Readonly<Record<string, unknown>> = {
  scalars: [null, true, 'text', 1.5, -0, NaN, Infinity, -Infinity, undefined, 2n ** 70n, -5n],
  dates: [new Date(5), new Date(NaN), new Date(-62_198_755_200_000)],
  url: new URL('https://example.org/a?b#c'),
  map: new Map<unknown, unknown>([[{ key: 1 }, new Map([[NaN, new Set(['a', undefined])]])]]),
  binary: [
    Uint8Array.of(0, 255),
    Uint8Array.of(),
    Float64Array.of(-0, NaN),
    BigInt64Array.of(-1n),
    new DataView(Uint8Array.of(1, 2).buffer),
    Uint8Array.of(1, 2, 3).buffer,
    new Uint8Array(100_000).fill(7),
  ],
  holes: [[, 1, , ,], new Array(3)],
  names: JSON.parse('{"__proto__":{"a":1},"constructor":2,"$dfns":"Date","value":3}'),
  text: '\u0000\ud800 </script> \u2028 🦊',
};

for (const [name, value] of Object.entries(VALUES)) {
  test(`${name}: tagged JSON gives back what was written`, t => {
    t.deepEqual(tagged(value), value);
    t.deepEqual(encode(tagged(value)), encode(value));
  });
}

test('objects that come again are one object, and may hold themselves', t => {
  const shared = { n: 1 };
  const value: { a: unknown; b: unknown; self?: unknown; map: Map<unknown, unknown> } = {
    a: shared,
    b: [shared, new Date(1)],
    map: new Map(),
  };
  value.self = value;
  value.map.set(value.map, shared);
  const back = tagged(value) as typeof value;
  t.is(back.self, back);
  t.is((back.b as unknown[])[0], back.a);
  t.is(back.map.get(back.map), back.a);
});

test('errors come back with their class, cause and fields', t => {
  const error = Object.assign(new TypeError('outer', { cause }), { field: { when: new Date(3) } });
  const back = tagged({ error, after: cause }) as { readonly error: typeof error; readonly after: RangeError };
  t.true(back.error instanceof TypeError);
  t.true(back.error.cause instanceof RangeError);
  t.is(back.error.stack, error.stack);
  t.deepEqual(back.error.field, { when: new Date(3) });
  t.is(back.after.message, 'inner');
});

test('a reference to a payload is told from a payload that looks like one', t => {
  const of = { ref: 'r.1', size: 1, type: 'string', preview: 'x', encoding: 'dfns' };
  const [reference, lookalike] = tagged([new PayloadReference(of), of]) as unknown[];
  t.true(reference instanceof PayloadReference);
  t.false(lookalike instanceof PayloadReference);
  t.deepEqual(lookalike, of);
  t.deepEqual(plain(new PayloadReference(of)), of);
});

test('plain JSON is what the contract says', t => {
  t.deepEqual(
    plain({
      bigint: 5n,
      date: new Date(0),
      map: new Map([['a', 1]]),
      set: new Set([1, 2]),
      bytes: Uint8Array.of(1, 2, 3),
      odd: [NaN, Infinity, undefined, -0, new Date(NaN)],
      undefined: undefined,
      url: new URL('http://a/'),
    }),
    {
      bigint: '5',
      date: '1970-01-01T00:00:00.000Z',
      map: [['a', 1]],
      set: [1, 2],
      bytes: 'AQID',
      odd: [null, null, null, 0, null],
      undefined: null,
      url: 'http://a/',
    },
  );
  t.like(plain(new RangeError('x', { cause: 'why' })), { name: 'RangeError', message: 'x', cause: 'why' });
});

test('what holds itself is a reference by path', t => {
  const value: Record<string, unknown> = { list: [] };
  (value['list'] as unknown[]).push(value, { 'a/b~c': value['list'] });
  t.deepEqual(plain(value), { list: [{ $ref: '#' }, { 'a/b~c': { $ref: '#/list' } }] });
});

test('what no text could hold in full is told by number or reference', t => {
  t.deepEqual(plain(new Array(2 ** 32 - 1)), [{ $holes: 2 ** 32 - 1 }]);
  let bomb: unknown = 'x';
  for (let level = 0; level < 60; level++) bomb = [bomb, bomb];
  t.true(toJson(bomb, 'plain').length < 100_000_000);
  t.true(toJson(bomb, 'tagged').length < 10_000);
});
