import test from 'ava';
import { readAttributeChanges, readAttributeTypes } from './attribute-types.ts';

const declared = readAttributeTypes(
  { tier: 'keyword', amount: 'number', paid: 'boolean', due: 'date' },
  'workflow "a"',
);

test('declared types are read by name', t => {
  t.deepEqual(
    [...(declared ?? [])],
    [
      ['tier', 'keyword'],
      ['amount', 'number'],
      ['paid', 'boolean'],
      ['due', 'date'],
    ],
  );
  t.is(readAttributeTypes(undefined, 'workflow "a"'), undefined);
});

test('a type or shape that is none is refused by name', t => {
  t.throws(() => readAttributeTypes({ tier: 'text' }, 'workflow "a"'), {
    code: 'VALIDATION',
    message: /^attributes of workflow "a": "tier" must be one of 'keyword'/,
  });
  t.throws(() => readAttributeTypes(['tier'], 'workflow "a"'), { code: 'VALIDATION' });
  t.throws(() => readAttributeTypes({ '': 'keyword' }, 'workflow "a"'), { code: 'VALIDATION' });
});

test('changes of the declared types pass, null removes, undefined says nothing', t => {
  const changes = { tier: 'gold', amount: 3, paid: null, due: new Date(0) };
  t.deepEqual(
    readAttributeChanges(declared, { ...changes, other: undefined }, 'workflow "a"'),
    new Map(Object.entries(changes)),
  );
});

test('a change of another type, or of an attribute that is not declared, is refused', t => {
  const refused: [unknown, RegExp][] = [
    [{ amount: '3' }, /^Attribute "amount" of workflow "a" must be a finite number/],
    [{ amount: NaN }, /a finite number/],
    [{ due: '2020-01-01' }, /a valid Date/],
    [{ due: new Date(NaN) }, /a valid Date/],
    [{ teir: 'gold' }, /declares no attribute "teir"\. Did you mean "tier"/],
    [{ constructor: 'gold' }, /declares no attribute "constructor"/],
    [[], /must be an object/],
    [null, /must be an object/],
  ];
  for (const [changes, message] of refused) {
    t.throws(() => readAttributeChanges(declared, changes, 'workflow "a"'), { code: 'VALIDATION', message });
  }
});

test('where nothing is declared every name goes, with a value of a known type', t => {
  t.deepEqual(
    readAttributeChanges(undefined, { constructor: 'x', n: 1 }, 'a'),
    new Map<string, string | number>([
      ['constructor', 'x'],
      ['n', 1],
    ]),
  );
  t.throws(() => readAttributeChanges(undefined, { list: [] }, 'a'), { code: 'VALIDATION', message: /"list"/ });
});
