import test from 'ava';
import { matchesName } from './matches-name.ts';
import { recordError } from './recorded-error.ts';
import { reviveError } from './revive-error.ts';
import { TaskError } from './task-error.ts';

class BadAddress extends TypeError {}
class BadStreet extends BadAddress {}

const street = new BadStreet('no such street');
const renamed = Object.assign(new Error('declined'), { name: 'CardDeclined' });

test('an error matches by its name, its class and the classes above', t => {
  for (const name of ['BadStreet', 'BadAddress', 'TypeError', 'Error'])
    t.true(matchesName(street, new Set(['Other', name])), name);
  t.true(matchesName(renamed, new Set(['CardDeclined'])));
  t.false(matchesName(street, new Set(['RangeError', 'Object', ''])));
  t.false(matchesName(street, new Set([])));
});

test('an error matches by its causes', t => {
  const wrapped = new TaskError('failed', { task: 'mail', attempt: 1, cause: new Error('outer', { cause: street }) });
  t.true(matchesName(wrapped, new Set(['BadAddress'])));
  t.true(matchesName(wrapped, new Set(['TaskError'])));
});

test('so does an error that came back from its record, however often', t => {
  let error: Error = new Error('outer', { cause: street });
  for (let i = 0; i < 3; i++) error = reviveError(recordError(error));
  t.true(matchesName(error, new Set(['BadStreet'])));
  t.true(matchesName(error, new Set(['BadAddress'])));
  t.true(matchesName(reviveError(recordError(renamed)), new Set(['CardDeclined'])));
});

test('circles of causes, thrown values and errors that resist end in an answer', t => {
  const circular = new Error('x');
  circular.cause = circular;
  t.false(matchesName(circular, new Set(['Other'])));
  t.false(matchesName('BadStreet', new Set(['BadStreet'])));
  t.false(matchesName(null, new Set(['Error'])));
  const hostile = new Proxy(new Error('x'), {
    get: () => {
      throw new Error('no');
    },
  });
  t.false(matchesName(hostile, new Set(['Other'])));
});
