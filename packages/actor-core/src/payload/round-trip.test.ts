import test from 'ava';
import { unpack } from 'msgpackr';
import { SeededRandom } from '../seeded-random.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import { HEADER_BYTES } from './format.ts';

const { runInNewContext } = process.getBuiltinModule('node:vm');

/**
 * True if no program could tell the two apart but by identity: -0, NaN, holes, prototypes, order of keys, and which
 * parts are one object (`pairs` holds the objects met so far, left to right).
 */
function isSame(left: unknown, right: unknown, pairs = new Map<unknown, unknown>()): boolean {
  if (typeof left !== 'object' || left === null || typeof right !== 'object' || right === null) {
    return Object.is(left, right);
  }
  if (pairs.has(left)) return pairs.get(left) === right;
  if ([...pairs.values()].includes(right)) return false;
  pairs.set(left, right);
  if (Object.getPrototypeOf(left) !== Object.getPrototypeOf(right)) return false;
  if (left instanceof Date && right instanceof Date) return Object.is(left.getTime(), right.getTime());
  if (left instanceof URL && right instanceof URL) return left.href === right.href;
  if (left instanceof Set && right instanceof Set) return isSame([...left], [...right], pairs);
  if (left instanceof Map && right instanceof Map) return isSame([...left].flat(1), [...right].flat(1), pairs);
  if (isBinary(left) && isBinary(right)) return bytesOf(left).equals(bytesOf(right));
  const keys = keysOf(left);
  const others = keysOf(right);
  return (
    keys.length === others.length &&
    keys.every((key, i) => key === others[i] && isSame(Reflect.get(left, key), Reflect.get(right, key), pairs))
  );
}

/** Of an error, in no order, those that say something. */
function keysOf(object: object): string[] {
  const keys = Object.getOwnPropertyNames(object);
  if (!(object instanceof Error)) return keys;
  return keys.filter(key => Reflect.get(object, key) !== undefined).sort();
}

function isBinary(value: object): value is ArrayBuffer | ArrayBufferView {
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value);
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Buffer {
  return ArrayBuffer.isView(value) ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : Buffer.from(value);
}

function cyclic(): object {
  const parent: Record<string, unknown> = { name: 'parent', children: [] };
  (parent['children'] as unknown[]).push({ name: 'child', parent });
  return parent;
}

function sharing(): object {
  const shared = { n: 1 };
  return { first: shared, list: [shared, { n: 1 }, shared], set: new Set([shared]), map: new Map([[shared, shared]]) };
}

function mapThatHoldsItself(): object {
  const map = new Map<unknown, unknown>();
  return map.set(map, map).set('set', new Set([map]));
}

function withHoles(length: number, filled: Record<number, unknown>): unknown[] {
  const array: unknown[] = [];
  for (const [index, value] of Object.entries(filled)) array[Number(index)] = value;
  array.length = length;
  return array;
}

function nested(depth: number): unknown {
  let value: unknown = 'bottom';
  for (let i = 0; i < depth; i++) value = i % 2 ? [value] : { value };
  return value;
}

const odd = JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":1},"hasOwnProperty":1,"toJSON":2}');
const numbers = [
  0,
  -0,
  1,
  -1,
  31,
  32,
  63,
  64,
  127,
  128,
  255,
  256,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  -31,
  -32,
  -33,
  -127,
  -128,
  -129,
  -32_768,
  -32_769,
  -(2 ** 31),
  -(2 ** 31) - 1,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53) - 2,
  2 ** 63,
  2 ** 64,
  0.1,
  12.5,
  -1.5,
  1e300,
  5e-324,
  Number.MAX_VALUE,
  NaN,
  Infinity,
  -Infinity,
];
const bigints = [
  0n,
  1n,
  -1n,
  127n,
  -128n,
  255n,
  256n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 64n,
  10n ** 40n,
  -(7n ** 999n),
];
const strings = [
  '',
  'a',
  'abc',
  'x'.repeat(31),
  'x'.repeat(32),
  'x'.repeat(63),
  'x'.repeat(64),
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(65_535),
  'x'.repeat(65_536),
  'é',
  'ü'.repeat(15),
  'ü'.repeat(16),
  '語'.repeat(100),
  '🎈'.repeat(7),
  '\u0000',
  '\u007f\u0080\u07ff\u0800\uffff',
  '\ufeffwith a mark of byte order',
  `\ufeff${'x'.repeat(100)}`,
  '\ud800',
  'a\udc00b',
  '\udc00\ud800',
  `${'x'.repeat(100)}\ud83d`,
  '\ufffd',
];
const errorWithAll = Object.assign(new TypeError('bad', { cause: new RangeError('deep', { cause: 'thrown' }) }), {
  code: 'E_BAD',
  status: 418,
  at: new Date(5),
  inner: new SyntaxError('within'),
});

const kinds: Record<string, unknown> = {
  undefined: undefined,
  null: null,
  booleans: [true, false],
  'booleans alone': true,
  'numbers of every size': numbers,
  'bigints of every size': bigints,
  'strings: of every length, beyond ASCII, lone surrogates': strings,
  'keys like those strings': Object.fromEntries(strings.map((key, i) => [key, i])),
  'undefined in objects and arrays': { a: undefined, b: [undefined, null] },
  'an empty object, array, Map, Set': [{}, [], new Map(), new Set()],
  'plain JSON': { id: 'order-17', amount: 12.5, items: ['a', 'b'], ok: true },
  'keys that look like numbers': { b: 1, 10: 2, 9: 3, '-1': 4, '01': 5 },
  'own __proto__, constructor, hasOwnProperty and toJSON': odd,
  'those nested': [{ inner: odd }],
  dates: [new Date(0), new Date(-1), new Date(1e12 + 0.9), new Date(8.64e15), new Date(-8.64e15)],
  'an invalid date': new Date(NaN),
  'a Map with keys of many kinds': new Map<unknown, unknown>([
    ['a', 1],
    [1, 'b'],
    [null, undefined],
    [NaN, -0],
    [{ k: 1 }, [2]],
  ]),
  'Maps and Sets in each other': new Map([[new Set([1, new Map([[{}, new Set()]])]), new Map()]]),
  'a Set with objects': new Set<unknown>([1, '1', {}, {}, [], undefined]),
  Int8Array: Int8Array.of(-1, 127),
  Uint8Array: Uint8Array.of(0, 255),
  Uint8ClampedArray: Uint8ClampedArray.of(300),
  Int16Array: Int16Array.of(-2, 3),
  Uint16Array: Uint16Array.of(65_535),
  Int32Array: Int32Array.of(-5),
  Uint32Array: Uint32Array.of(4e9),
  Float32Array: Float32Array.of(0.1, NaN),
  Float64Array: Float64Array.of(-0, 0.1),
  BigInt64Array: BigInt64Array.of(-1n),
  BigUint64Array: BigUint64Array.of(2n ** 64n - 1n),
  'an empty Uint8Array': new Uint8Array(0),
  'binaries of every length': [255, 256, 65_535, 65_536].flatMap(size => [
    new Uint8Array(size).fill(7),
    new Int8Array(size),
  ]),
  'a part of a larger buffer': Uint16Array.of(1, 2, 3, 4).subarray(1, 3),
  ArrayBuffer: Uint8Array.of(1, 2, 3).buffer,
  DataView: new DataView(Uint8Array.of(1, 2, 3).buffer, 1),
  URL: new URL('https://user:pass@example.com:8080/ü?q=1#hash'),
  'an Error': new Error('plain'),
  'an Error with cause, code, fields': errorWithAll,
  'an AggregateError': new AggregateError([new Error('one'), 'two'], 'many'),
  'an Error named __proto__': Object.assign(new Error('x'), { name: '__proto__' }),
  'one Error twice': (error => ({ first: error, second: error }))(new Error('same')),
  'an object beside and inside an Error': (shared => [shared, new Error('x', { cause: { n: 1 } }), shared])({ n: 2 }),
  holes: withHoles(5, { 1: 'a', 3: undefined }),
  'only holes': new Array(3),
  'four billion holes': withHoles(2 ** 32 - 1, { 7: 'a', 4_000_000_000: { b: 1 } }),
  'many arrays with holes': Array.from({ length: 200 }, (_, i) => withHoles(100 + i, { 50: i })),
  'shared references': sharing(),
  'more than sixteen shared references': (objects => [objects, ...objects])(
    Array.from({ length: 40 }, (_, i) => ({ i })),
  ),
  'a shared Date, URL, binary': ((a, b, c) => [a, b, c, a, b, c])(new Date(1), new URL('a:b'), new Uint8Array(3)),
  cycles: cyclic(),
  'a Map that holds itself': mapThatHoldsItself(),
  'a hundred levels': nested(100),
  'an object of 70,000 keys': Object.fromEntries(Array.from({ length: 70_000 }, (_, i) => [`k${i}`, i])),
  'an array of 70,000 items': Array.from({ length: 70_000 }, (_, i) => i),
};
if ('Float16Array' in globalThis) {
  kinds['Float16Array'] = Reflect.construct(Reflect.get(globalThis, 'Float16Array') as new () => object, [[1.5, -0]]);
}

for (const [kind, value] of Object.entries(kinds)) {
  test(`survives: ${kind}`, t => {
    const decoded = decode(encode(value));
    t.true(isSame(value, decoded));
    t.true(isSame(decoded, decode(encode(decoded))));
    t.is(({} as Record<string, unknown>)['polluted'], undefined);
  });
}

test('the comparison of these tests tells everything apart', t => {
  const shared = {};
  const pairs: [unknown, unknown][] = [
    [0, -0],
    [1, 1n],
    [undefined, null],
    [[undefined], new Array(1)],
    [{}, []],
    [{}, Object.create(null)],
    [
      [shared, shared],
      [{}, {}],
    ],
    [
      [{}, {}],
      [shared, shared],
    ],
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    [new Map(), new Set()],
    [new Map([[1, -0]]), new Map([[1, 0]])],
    [Uint8Array.of(1), Int8Array.of(1)],
    [new Date(NaN), new Date(0)],
    [new Error('a'), new TypeError('a')],
    [new Error('a'), new Error('b')],
    [withHoles(2, {}), withHoles(3, {})],
  ];
  pairs.forEach(([left, right], i) => t.false(isSame(left, right), `pair ${i}`));
});

test('what comes back as something simpler: Buffer, objects without a prototype, fields that are not enumerable', t => {
  const nullPrototype: object = Object.assign(Object.create(null), { a: 1 });
  const hidden = Object.defineProperty({ a: 1 }, 'b', { value: 2 });
  t.true(isSame(decode(encode(Buffer.from('abc'))), new Uint8Array([97, 98, 99])));
  t.true(isSame(decode(encode(nullPrototype)), { a: 1 }));
  t.true(isSame(decode(encode(hidden)), { a: 1 }));
  t.true(isSame(decode(encode('ab'.match(/(b)/))), ['b', 'b']));
});

test("objects of another realm come back as this one's", t => {
  const foreign: unknown = runInNewContext(
    '({ list: [1, {}], map: new Map([[1, new Set([2])]]), at: new Date(3), bytes: Uint8Array.of(4), error: new TypeError("t") })',
  );
  const decoded = decode(encode(foreign)) as Record<string, unknown>;
  t.true(decoded['error'] instanceof TypeError);
  delete decoded['error'];
  const expected = { list: [1, {}], map: new Map([[1, new Set([2])]]), at: new Date(3), bytes: Uint8Array.of(4) };
  t.true(isSame(decoded, expected));
});

test('a payload of JSON is plain MessagePack', t => {
  const json = {
    numbers: numbers.filter(each => !Object.is(each, -0)),
    strings: strings.filter(each => each.isWellFormed() && !each.startsWith('\ufeff')),
    nested: [{ a: null, b: [true] }],
  };
  t.deepEqual(unpack(encode(json).subarray(HEADER_BYTES)), json);
});

/** A value of all kinds, whose parts now and then are parts that were there before. */
function randomValue(random: SeededRandom, made: object[], depth: number): unknown {
  const below = (n: number) => random.uint32() % n;
  const again = made[below(made.length * 4 + 1)];
  if (again) return again;
  const scalars = [
    undefined,
    null,
    true,
    below(300),
    -below(70_000),
    random.next(),
    -0,
    NaN,
    BigInt(below(1_000)),
    strings,
  ];
  const part = () => randomValue(random, made, depth + 1);
  const keep = <T extends object>(object: T): T => (made.push(object), object);
  switch (depth > 6 ? 9 : below(12)) {
    case 0:
    case 1: {
      const object = keep<Record<string, unknown>>({});
      for (let n = below(5); n > 0; n--) object[strings[below(strings.length)] as string] = part();
      return object;
    }
    case 2:
    case 3: {
      const array = keep<unknown[]>([]);
      for (let n = below(6); n > 0; n--) array[array.length + (below(6) ? 0 : below(3_000))] = part();
      return array;
    }
    case 4: {
      const map = keep(new Map<unknown, unknown>());
      for (let n = below(4); n > 0; n--) map.set(part(), part());
      return map;
    }
    case 5: {
      const set = keep(new Set<unknown>());
      for (let n = below(4); n > 0; n--) set.add(part());
      return set;
    }
    case 6:
      return keep(new Date(below(1e9)));
    case 7:
      return keep(Uint8Array.from({ length: below(9) }, () => below(256)));
    case 8:
      return keep(new RangeError('r', { cause: below(3) }));
    default: {
      const scalar = scalars[below(scalars.length)];
      return scalar === strings ? strings[below(strings.length)] : scalar;
    }
  }
}

test('1,000 random graphs survive', t => {
  const random = new SeededRandom(17);
  for (let i = 0; i < 1_000; i++) {
    const value = randomValue(random, [], 0);
    if (!isSame(value, decode(encode(value, 'value', 2 ** 26)))) return t.fail(`graph ${i}`);
  }
  t.pass();
});

test('the largest and deepest error that is recorded can be encoded', t => {
  const deepest = (levels: number): unknown => (levels === 0 ? 'x'.repeat(9_000) : { a: [deepest(levels - 1)] });
  const chain = (length: number, props: object): Error => {
    let error: Error = Object.assign(new Error('語'.repeat(20_000)), props);
    for (let i = 0; i < length; i++) error = Object.assign(new Error('語'.repeat(20_000), { cause: error }), { i });
    return error;
  };
  let error = chain(40, { deep: deepest(10) });
  for (let i = 0; i < 20; i++) error = chain(i < 19 ? 3 : 32, { inner: error });
  t.true(Array.isArray(decode(encode([error]))));
  const filled = Array.from({ length: 50 }, () =>
    Object.fromEntries(strings.map(key => [key.slice(0, 9), [1.5, 2n ** 500n, key]])),
  );
  t.true(decode(encode(Object.assign(new Error('語'.repeat(1e6)), { filled }))) instanceof Error);
});
