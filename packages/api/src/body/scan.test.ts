import test from 'ava';
import { hasOwnProto, isTooDeep } from './scan.ts';

const tooDeep = (text: string, limit: number) => isTooDeep(new TextEncoder().encode(text), limit);

test('depth counts what is open, not what stands in strings', t => {
  t.false(tooDeep('[[[]]]', 3));
  t.true(tooDeep('[[[]]]', 2));
  t.true(tooDeep('{"a":{"b":{}}}', 2));
  t.false(tooDeep(`[[${'[],'.repeat(50)}{}]]`, 3));
  t.false(tooDeep('["[[[[[\\"[[[["]', 1));
  t.true(tooDeep('["\\\\",[[]]]', 2));
});

test('it looks no further than the level that is too deep', t => {
  let read = 0;
  const bytes = new Proxy(new Uint8Array(1_000_000).fill(0x5b), {
    get: (target, key) => {
      if (typeof key === 'string' && /^\d+$/.test(key)) read++;
      return Reflect.get(target, key, target) as unknown;
    },
  });
  t.true(isTooDeep(bytes, 100));
  t.true(read <= 101);
});

test('an own __proto__ is found at any depth; the one that every object has is none', t => {
  t.true(hasOwnProto(JSON.parse('[{"a":{"__proto__":null}}]')));
  t.false(hasOwnProto({ a: [{}, null, 'x'] }));
});
