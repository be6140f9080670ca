import test from 'ava';
import { BOUNDS } from '../bounds.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { decode } from './decode.ts';
import { encode } from './encode.ts';

class User {
  name = 'mia';
}
class Tags extends Set<string> {}
class List extends Array<number> {}

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const detached = new ArrayBuffer(8);
const detachedBytes = new Uint8Array(detached);
structuredClone(detached, { transfer: [detached] });

function throwing(): never {
  throw new Error('no entry');
}

const refusals: Record<string, { value: unknown; path: string; says: RegExp }> = {
  'a function': { value: () => 1, path: 'input', says: /function/ },
  'a function deep inside': {
    value: { items: [1, 2, 3, { fn: () => 1 }] },
    path: 'input.items[3].fn',
    says: /function/,
  },
  'a method of its own': { value: { toJSON: () => 1 }, path: 'input.toJSON', says: /function/ },
  'a class': { value: [User], path: 'input[0]', says: /function/ },
  'a symbol': { value: { 'odd key': Symbol('s') }, path: 'input["odd key"]', says: /symbol/ },
  'a symbol as a key': { value: { a: { [Symbol('tag')]: 1 } }, path: 'input.a', says: /Symbol\(tag\)/ },
  'an instance of a class': {
    value: { user: new User() },
    path: 'input.user',
    says: /instance of User.*\{ \.\.\.value \}/,
  },
  'an instance of a subclass of Set': { value: new Tags(), path: 'input', says: /instance of Tags/ },
  'an instance of a subclass of Array': { value: { list: new List() }, path: 'input.list', says: /instance of List/ },
  'an object with a prototype of its own': { value: Object.create({}), path: 'input', says: /instance/ },
  'a RegExp': { value: [/a/g], path: 'input[0]', says: /RegExp.*source/ },
  'a promise': { value: { total: Promise.resolve(1) }, path: 'input.total', says: /await it first/ },
  'a WeakMap': { value: new WeakMap(), path: 'input', says: /instance of WeakMap/ },
  'a WeakSet': { value: new WeakSet(), path: 'input', says: /instance of WeakSet/ },
  'a generator': { value: (function* () {})(), path: 'input', says: /instance/ },
  'a boxed string': { value: { s: Object('x') as unknown }, path: 'input.s', says: /instance of String/ },
  'a SharedArrayBuffer': { value: new SharedArrayBuffer(1), path: 'input', says: /SharedArrayBuffer/ },
  'in a Map, by key': {
    value: new Map([['a', new Map([[1, User]])]]),
    path: 'input.get("a").get(1)',
    says: /function/,
  },
  'as a key of a Map': {
    value: new Map([
      [{}, 1],
      [{ f: User }, 2],
    ] as [object, number][]),
    path: 'input.keys()[1].f',
    says: /function/,
  },
  'in a Set': { value: [new Set([1, User])], path: 'input[0].values()[1]', says: /function/ },
  'behind a hole': { value: Object.assign(new Array(3), { 2: User }), path: 'input[2]', says: /function/ },
  'a field on a Date': { value: { at: Object.assign(new Date(0), { zone: 'UTC' }) }, path: 'input.at', says: /zone/ },
  'a field on a Map': { value: Object.assign(new Map(), { [Symbol.iterator]: 1 }), path: 'input', says: /Symbol/ },
  'a getter that throws': {
    value: {
      a: [
        {
          get b(): never {
            return throwing();
          },
        },
      ],
    },
    path: 'input.a[0].b',
    says: /no entry/,
  },
  'a proxy that throws': {
    value: { a: 1, p: new Proxy({}, { ownKeys: throwing }) },
    path: 'input.p',
    says: /no entry/,
  },
  'a revoked proxy': { value: [revoked.proxy], path: 'input[0]', says: /revoked/ },
  'a detached ArrayBuffer': { value: { detached }, path: 'input.detached', says: /detached/ },
  'a view of a detached ArrayBuffer': { value: { detachedBytes }, path: 'input.detachedBytes', says: /detached/ },
  'what only looks like a Map': { value: { m: Object.create(Map.prototype) as object }, path: 'input.m', says: /Map/ },
  'what only looks like an ArrayBuffer': {
    value: { m: Object.create(ArrayBuffer.prototype) as object },
    path: 'input.m',
    says: /ArrayBuffer/,
  },
};

function refusalOf(work: () => unknown): DfnsError {
  try {
    work();
  } catch (error) {
    if (error instanceof DfnsError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

for (const [kind, { value, path, says }] of Object.entries(refusals)) {
  test(`refuses with the path: ${kind}`, t => {
    const error = refusalOf(() => encode(value, 'input'));
    t.is(error.code, 'VALIDATION');
    t.is(error.details?.['path'], path);
    t.true(error.message.startsWith(`${path} `), error.message);
    t.regex(error.message, says);
    t.is(decode(encode('the next value is as good as ever')), 'the next value is as good as ever');
  });
}

test('two million levels are refused at the bound, without an overflow', t => {
  let value: unknown[] = [];
  for (let i = 0; i < 2_000_000; i++) value = [value];
  const error = refusalOf(() => encode(value));
  t.is(error.code, 'VALIDATION');
  t.is(
    error.message,
    `value${'[0]'.repeat(65)}… is nested more than ${BOUNDS.payloadDepth} levels deep: make the value flatter.`,
  );
});

test('a refusal of a path of long keys stays readable', t => {
  t.true(refusalOf(() => encode({ ['k'.repeat(10_000)]: [User] })).message.length < 1_000);
});

test('a payload may be as large as the limit and no larger, and the refusal has the exact size', t => {
  const overhead = encode(new Uint8Array(100_000)).length - 100_000;
  const fits = new Uint8Array(BOUNDS.payloadBytes - overhead);
  t.is(encode(fits).length, BOUNDS.payloadBytes);
  const error = refusalOf(() => encode(new Uint8Array(fits.length + 1), 'result'));
  t.is(error.code, 'PAYLOAD_TOO_LARGE');
  t.deepEqual(error.details, { sizeBytes: BOUNDS.payloadBytes + 1, limitBytes: BOUNDS.payloadBytes });
  t.regex(error.message, /^result is 1048577 bytes/);
});

test('what is above the limit is counted, not kept', t => {
  const items = Array.from({ length: 300 }, (_, i) => ({ i, text: 'é'.repeat(5_000) }));
  const error = refusalOf(() => encode(items));
  t.is(error.details?.['sizeBytes'], encode(items, 'items', 2 ** 30).length);
  t.is(refusalOf(() => encode(['x'.repeat(3_000_000)])).details?.['sizeBytes'], 3_000_008);
  t.is(encode(items, 'items', 2 ** 22).length, encode(items, 'items', 2 ** 30).length);
});

test('a small limit counts, too', t => {
  for (let size = 0; size < 300; size++) {
    const value = ['x'.repeat(size), { a: [size] }];
    const bytes = encode(value).length;
    t.is(encode(value, 'value', bytes).length, bytes);
    t.is(refusalOf(() => encode(value, 'value', bytes - 1)).details?.['sizeBytes'], bytes);
  }
});

test('payloads are never written over by later ones', t => {
  const values = Array.from({ length: 2_000 }, (_, i) => ({ i, text: 'x'.repeat(i % 700) }));
  const payloads = values.map(value => {
    const payload = encode(value);
    return { payload, copy: Uint8Array.from(payload) };
  });
  for (const { payload, copy } of payloads) t.deepEqual(Uint8Array.from(payload), copy);
  t.deepEqual(
    payloads.map(({ payload }) => decode(payload)),
    values,
  );
});

test('later changes to a value change nothing, nor do changes to a decoded one', t => {
  const bytes = new Uint8Array(1_000);
  const value = { list: [1], map: new Map([['a', { n: 1 }]]), bytes };
  const payload = encode(value);
  value.list.push(2);
  bytes.fill(9);
  const first = decode(payload) as typeof value;
  t.deepEqual(first, { list: [1], map: new Map([['a', { n: 1 }]]), bytes: new Uint8Array(1_000) });
  first.list.push(3);
  first.bytes.fill(8);
  first.map.clear();
  t.deepEqual(decode(payload), { list: [1], map: new Map([['a', { n: 1 }]]), bytes: new Uint8Array(1_000) });
});

test('a getter is read once, and may encode and decode itself', t => {
  let reads = 0;
  const value = {
    before: 'x'.repeat(100),
    get nested() {
      reads++;
      t.throws(() => encode({ f: User }), { instanceOf: DfnsError });
      return decode(encode({ inner: ['y'.repeat(100)] }));
    },
    after: [1],
  };
  t.deepEqual(decode(encode(value)), { before: 'x'.repeat(100), nested: { inner: ['y'.repeat(100)] }, after: [1] });
  t.is(reads, 1);
});

test('an object that changes while it is read is still written whole', t => {
  const list: unknown[] = [
    {
      get a() {
        list.length = 1;
        return 1;
      },
    },
    2,
    3,
  ];
  t.deepEqual(decode(encode(list)), [{ a: 1 }, , ,]);
  const object: Record<string, unknown> = {
    get a() {
      delete object['b'];
      object['c'] = 3;
      return 1;
    },
    b: 2,
  };
  t.deepEqual(decode(encode(object)), { a: 1, b: undefined });
});

test('values without parts cost two bytes and themselves', t => {
  t.is(encode(null).length, 3);
  t.is(encode(127).length, 3);
  t.is(encode(undefined).length, 5);
  t.is(encode('ab').length, 5);
  t.is(decode(encode(-0)), -0);
  t.is(decode(encode(1.5)), 1.5);
});

test('one object that stands at many places is written once', t => {
  const text = 'x'.repeat(1_000);
  const shared = { text };
  t.true(encode(Array.from({ length: 500 }, () => shared)).length < 4_000);
});
