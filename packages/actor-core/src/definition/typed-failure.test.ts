import test from 'ava';
import { z } from 'zod';
import { TaskError } from '../errors/task-error.ts';
import { task } from './task.ts';
import { createFailure, isFailure } from './typed-failure.ts';

const errors = { CardDeclined: z.object({ reason: z.string().trim() }), Frozen: z.date() };
const charge = task({ name: 'charge', errors }, () => 1);
const refund = task({ name: 'refund', errors }, () => 1);
const failure = createFailure(charge, 'CardDeclined', { reason: ' empty ' });

test('a failure holds whose it is, its code and its parsed data', t => {
  t.deepEqual(failure.failure, { kind: 'task', name: 'charge', code: 'CardDeclined', data: { reason: 'empty' } });
  t.is(failure.name, 'TypedFailure');
  t.is(failure.message, 'charge failed: CardDeclined');
});

test('a failure that is not declared is refused with the nearest that is', t => {
  t.throws(() => createFailure(charge, 'CardDecline', {}), {
    code: 'VALIDATION',
    message: /Did you mean "CardDeclined"/,
  });
  t.throws(() => createFailure(charge, 'toString', {}), { code: 'VALIDATION', message: /has no failure "toString"/ });
});

test('data that breaks its schema is refused', t => {
  t.throws(() => createFailure(charge, 'CardDeclined', { reason: 1 }), {
    code: 'VALIDATION',
    message: /^The data of failure "CardDeclined" is not valid: reason/,
  });
});

test('a failure is known by definition and code', t => {
  t.true(isFailure(failure, charge));
  t.true(isFailure(failure, charge, 'CardDeclined'));
  t.false(isFailure(failure, charge, 'Frozen'));
  t.false(isFailure(failure, refund, 'CardDeclined'));
});

test('a failure is known as TaskError and after it was stored as plain fields', t => {
  const asTaskError = new TaskError(failure.message, { task: 'charge', attempt: 1, failure: failure.failure });
  t.true(isFailure(asTaskError, charge, 'CardDeclined'));
  const restored = Object.assign(new Error(failure.message), { failure: structuredClone(failure.failure) });
  t.true(isFailure(restored, charge, 'CardDeclined'));
});

test('other errors and values are no failures', t => {
  const plain = new TaskError('x', { task: 'charge', attempt: 1 });
  t.false('failure' in plain);
  for (const value of [plain, new Error('x'), undefined, 'CardDeclined', { failure: failure.failure }]) {
    t.false(isFailure(value, charge));
  }
  const unknownCode = Object.assign(new Error('x'), { failure: { ...failure.failure, code: 'Retired' } });
  t.false(isFailure(unknownCode, charge));
});
