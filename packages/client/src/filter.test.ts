import test from 'ava';
import { parseFilter } from './filter.ts';

const parse = (filter: object) => parseFilter(filter, 'default', 'list');

test('a filter names workflows by definition or name, and times in any form', t => {
  t.like(parse({ workflow: { name: 'order' }, status: 'failed', startedAfter: '1970-01-01T00:00:01Z' }), {
    workflow: 'order',
    status: ['failed'],
    startedAfter: 1_000,
  });
  t.is(parse({ startedBefore: new Date(5) }).startedBefore, 5);
});

const WRONG: readonly (readonly [object, RegExp])[] = [
  [{ satus: 'failed' }, /"status"/],
  [{ status: 'faild' }, /^status of list must be one of running, completed/],
  [{ held: 1 }, /^held of list/],
  [{ idPrefix: 1 }, /^idPrefix of list/],
  [{ attributes: { a: null } }, /^Attribute "a" of list must have a value/],
  [{ startedAfter: 'soon' }, /^startedAfter of list/],
];

for (const [filter, message] of WRONG) {
  test(`${JSON.stringify(filter)} is refused`, t => {
    t.throws(() => parse(filter), { code: 'VALIDATION', message });
  });
}

test('an attribute of any name is one', t => {
  const { attributes } = parse({ attributes: JSON.parse('{"__proto__": "x", "constructor": "y"}') as object });
  t.deepEqual(Object.entries(attributes ?? {}), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
});
