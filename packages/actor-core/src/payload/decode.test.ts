import test from 'ava';
import { DfnsError } from '../errors/dfns-error.ts';
import { SeededRandom } from '../seeded-random.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';
import {
  ARRAY_16,
  ARRAY_32,
  BIN_32,
  BINARIES,
  CODEC,
  EXT,
  EXT_8,
  EXT_32,
  FIXEXT_1,
  FLOAT_64,
  FORMAT,
  MAP_32,
  NIL,
  STR_8,
  STR_32,
  TAG,
  UINT_32,
} from './format.ts';
import type { Payload } from './payload.ts';

function graph(...body: number[]): Payload {
  return Uint8Array.from([FORMAT, CODEC.graph, ...body]) as Payload;
}

function tree(...body: number[]): Payload {
  return Uint8Array.from([FORMAT, CODEC.tree, ...body]) as Payload;
}

/** What became of a payload: its value, or that it was refused as it should. Anything else fails the test. */
function outcomeOf(payload: Uint8Array): { value: unknown } | 'refused' {
  try {
    return { value: decode(payload as Payload) };
  } catch (error) {
    if (error instanceof DfnsError && error.code === 'INTERNAL') return 'refused';
    throw error;
  }
}

const HUGE = [0xff, 0xff, 0xff, 0xff];
const utf8 = (text: string) => [0xa0 | text.length, ...Buffer.from(text)];
const hostile: Record<string, Uint8Array> = {
  'nothing at all': new Uint8Array(0),
  'a header alone': tree(),
  'half a header': Uint8Array.of(FORMAT),
  'a later format': Uint8Array.of(FORMAT + 1, CODEC.tree, NIL),
  'a later codec': Uint8Array.of(FORMAT, 9, NIL),
  'bytes behind its end': tree(NIL, NIL),
  'an array that claims four billion items': tree(ARRAY_32, ...HUGE, 1),
  'a map that claims four billion entries': tree(MAP_32, ...HUGE, ...utf8('a'), 1),
  'a string that claims four gigabytes': tree(STR_32, ...HUGE, 65),
  'a binary that claims four gigabytes': tree(BIN_32, ...HUGE, 1),
  'an extension that claims four gigabytes': tree(EXT_32, ...HUGE, EXT.bigint, 1),
  'a Map that claims four billion entries': tree(FIXEXT_1, TAG.map, 0, UINT_32, ...HUGE, 1, 1),
  'a Set that claims four billion items': tree(FIXEXT_1, TAG.set, 0, UINT_32, ...HUGE, 1),
  'four billion holes in an array of two': tree(0x92, FIXEXT_1, TAG.holes, 0, UINT_32, ...HUGE),
  'no holes': tree(0x92, FIXEXT_1, TAG.holes, 0, 0, 1, 1),
  'holes outside an array': tree(FIXEXT_1, TAG.holes, 0, 1),
  'a count that is negative': tree(FIXEXT_1, TAG.set, 0, 0xff),
  'a count that is no integer': tree(FIXEXT_1, TAG.set, 0, FLOAT_64, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0),
  'arrays of arrays of claims': tree(...Array.from({ length: 90 }, () => [ARRAY_16, 0xff, 0xff]).flat()),
  'too many levels': tree(...new Array<number>(10_000).fill(0x91), NIL),
  'a key that is no string': tree(0x81, 1, 1),
  'a key that is a bigint': tree(0x81, EXT_8, 2, EXT.bigint, 0, 1, 1),
  'half a character': tree(EXT_8, 3, EXT.utf16, 0x41, 0, 0x42),
  'an unknown token': tree(0xc1),
  'an unknown tag': tree(FIXEXT_1, 99, 0),
  'a tag with a filling': tree(FIXEXT_1, TAG.undefined, 1),
  'an unknown extension': tree(EXT_8, 1, 0xff, 0),
  'a bigint of no bytes': tree(EXT_8, 1, EXT.bigint, 0),
  'an Int32Array of five bytes': tree(EXT_8, 5, EXT.binary + BINARIES.indexOf('Int32Array'), 1, 2, 3, 4, 5),
  'a URL that is none': tree(FIXEXT_1, TAG.url, 0, ...utf8('no url')),
  'a URL that is a number': tree(FIXEXT_1, TAG.url, 0, 7),
  'a date of a string': tree(FIXEXT_1, TAG.date, 0, ...utf8('1970')),
  'a reference in a tree': tree(0x92, 0x90, FIXEXT_1, TAG.same, 0, 0),
  'a reference that leads nowhere': graph(0x91, FIXEXT_1, TAG.same, 0, 1),
  'an error that is a number': tree(FIXEXT_1, TAG.error, 0, 1),
  'an error without a message': tree(FIXEXT_1, TAG.error, 0, 0x81, ...utf8('name'), ...utf8('Error')),
  'an error that is a reference': graph(0x92, 0x80, FIXEXT_1, TAG.error, 0, FIXEXT_1, TAG.same, 0, 0),
  'an error in itself': graph(
    FIXEXT_1,
    TAG.error,
    0,
    0x83,
    ...utf8('name'),
    ...utf8('E'),
    ...utf8('message'),
    ...utf8('m'),
    ...utf8('details'),
    FIXEXT_1,
    TAG.same,
    0,
    0,
  ),
};

for (const [what, payload] of Object.entries(hostile)) {
  test(`refused at once: ${what}`, t => t.is(outcomeOf(payload), 'refused'));
}

test('an error says where the damage is', t => {
  const error = t.throws(() => decode(tree(0x92, 1, 0xc1)), { instanceOf: DfnsError });
  t.deepEqual(error.details, { offset: 5 });
  t.regex(error.message, /unknown token 193, at byte 5/);
});

test('claims of holes take no memory', t => {
  const array = [FIXEXT_1, TAG.holes, 0, UINT_32, 0xff, 0xff, 0xff, 0xff];
  const arrays = Array.from({ length: 1_000 }, () => [ARRAY_32, ...HUGE, ...array]).flat();
  const small = Array.from({ length: 10_000 }, () => [ARRAY_16, 3, 0xe8, FIXEXT_1, TAG.holes, 0, 0xcd, 3, 0xe8]).flat();
  const before = process.memoryUsage();
  const large = decode(tree(ARRAY_16, 3, 0xe8, ...arrays)) as unknown[][];
  const many = decode(Uint8Array.from([FORMAT, CODEC.tree, ARRAY_16, 0x27, 0x10, ...small]) as Payload) as unknown[][];
  const after = process.memoryUsage();
  t.is(large[999]?.length, 2 ** 32 - 1);
  t.is(many[9_999]?.length, 1_000);
  t.true(after.heapUsed + after.external - before.heapUsed - before.external < 64 * 2 ** 20);
});

test('own keys named __proto__ change no prototype, in any kind of string', t => {
  for (const key of [
    utf8('__proto__'),
    [STR_8, 9, ...Buffer.from('__proto__')],
    [EXT_8, 18, EXT.utf16, ...Buffer.from('__proto__', 'utf16le')],
  ]) {
    const value = decode(tree(0x81, ...key, 0x81, ...utf8('polluted'), 1)) as object;
    t.is(Object.getPrototypeOf(value), Object.prototype);
    t.deepEqual(Object.keys(value), ['__proto__']);
  }
  const laden = Object.defineProperty(new Error('x'), '__proto__', { value: { polluted: 1 }, enumerable: true });
  const error = decode(encode(laden)) as object;
  t.true(Object.hasOwn(error, '__proto__'));
  t.is(Object.getPrototypeOf(error), Error.prototype);
  t.is(Reflect.get({}, 'polluted'), undefined);
});

test('keys that share a place in the cache stay apart', t => {
  const keys = Array.from({ length: 5_000 }, (_, i) => `key-${i % 7}-${i}-${(i * 31) % 11}`);
  for (const key of [...keys, ...keys]) t.deepEqual(Object.keys(decode(encode({ [key]: 1 })) as object), [key]);
});

test('payloads are read where they lie in a larger buffer, Buffers too', t => {
  const payload = encode({ text: 'x'.repeat(100), key: new Uint8Array(3), n: 1.5 });
  const around = Buffer.alloc(payload.length + 20, 0xff);
  around.set(payload, 7);
  const value = decode(around.subarray(7, 7 + payload.length) as Uint8Array as Payload);
  t.deepEqual(value, { text: 'x'.repeat(100), key: new Uint8Array(3), n: 1.5 });
  t.is(Object.getPrototypeOf((value as { key: object }).key), Uint8Array.prototype);
});

test('20,000 damaged payloads: each is decoded or refused, and the next good one is as good as ever', t => {
  const random = new SeededRandom(20_260);
  const below = (n: number) => random.uint32() % n;
  const shared = { id: 'order-17' };
  const seeds = [
    { id: 'order-17', amount: 12.5, items: ['a', 'b'], ok: true },
    [
      shared,
      shared,
      new Map<unknown, unknown>([[shared, new Set([1n, (-5n) ** 49n])]]),
      new Date(7),
      new URL('https://a.b/c'),
    ],
    {
      e: new AggregateError([new TypeError('x', { cause: new Error('y') })], 'z'),
      f: Float64Array.of(1, 2),
      h: [, 1, , undefined],
    },
    {
      '\ud800': 'ü'.repeat(50),
      long: 'x'.repeat(300),
      n: [-1, 200, 70_000, -70_000, 1e20, NaN],
      b: new DataView(new ArrayBuffer(9)),
    },
  ].map(value => encode(value));
  let refused = 0;
  for (let i = 0; i < 20_000; i++) {
    const seed = seeds[i % seeds.length] as Uint8Array;
    let bytes = Uint8Array.from(seed);
    for (let n = below(4); n >= 0; n--)
      bytes[below(bytes.length)] = below(4) ? below(256) : ([0xd4, 0xdd, 0xdf, 0xff][below(4)] as number);
    if (below(3) === 0) bytes = bytes.slice(0, below(bytes.length));
    if (outcomeOf(bytes) === 'refused') refused++;
    if (i % 1_000 === 0)
      t.deepEqual(decode(seeds[0] as Payload), { id: 'order-17', amount: 12.5, items: ['a', 'b'], ok: true });
  }
  t.true(refused > 5_000 && refused < 19_900, `${refused} were refused`);
  t.is(Reflect.get({}, 'polluted'), undefined);
});
