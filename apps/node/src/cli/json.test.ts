import test from 'ava';
import { toJson } from './json.ts';

test('rich values have a plain form', t => {
  const value = {
    big: 10n,
    at: new Date(0),
    none: new Date(NaN),
    map: new Map([['a', 1]]),
    set: new Set([1]),
    bytes: new Uint8Array([1, 2]),
    url: new URL('http://x/'),
    nan: NaN,
    gone: undefined,
    list: [undefined, 1],
  };
  t.deepEqual(JSON.parse(toJson(value)), {
    big: '10',
    at: '1970-01-01T00:00:00.000Z',
    none: null,
    map: [['a', 1]],
    set: [1],
    bytes: 'AQI=',
    url: 'http://x/',
    nan: null,
    list: [null, 1],
  });
});

test('cycles, errors, functions and own __proto__ do not break it', t => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  t.is(toJson(cycle), '{"self":{"$ref":"#"}}');
  t.like(JSON.parse(toJson(new TypeError('no', { cause: new Error('why') }))), {
    name: 'TypeError',
    message: 'no',
    cause: { message: 'why' },
  });
  t.is(
    toJson(() => 1),
    'null',
  );
  t.is(toJson(JSON.parse('{"__proto__":1}')), '{"__proto__":1}');
});
