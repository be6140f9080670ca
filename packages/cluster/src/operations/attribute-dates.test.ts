import test from 'ava';
import { withDates } from './attribute-dates.ts';

const declared = new Map([
  ['due', 'date'],
  ['tier', 'keyword'],
] as const);

test('an ISO string of an attribute declared as a date is one; other strings stay', t => {
  const text = '2026-01-02T03:04:05.000Z';
  t.deepEqual(withDates(declared, { due: text, tier: text }), { due: new Date(text), tier: text });
  t.deepEqual(withDates(undefined, { due: text }), { due: text });
});

test('a string that is no date is refused by name', t => {
  t.throws(() => withDates(declared, { due: 'soon' }), { code: 'VALIDATION', message: /^Attribute "due"/ });
});
