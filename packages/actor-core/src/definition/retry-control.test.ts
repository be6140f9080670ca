import test from 'ava';
import { DfnsError } from '../errors/dfns-error.ts';
import { NonRetryableError, RetryAfterError } from './retry-control.ts';

test('NonRetryableError keeps message, cause and details', t => {
  const cause = new Error('why');
  const error = new NonRetryableError('bad address', { cause, details: { to: 'x' } });
  t.true(error instanceof DfnsError);
  t.like(error, { name: 'NonRetryableError', message: 'bad address', cause, details: { to: 'x' } });
});

test('RetryAfterError has its delay in milliseconds', t => {
  t.like(new RetryAfterError('30s'), { name: 'RetryAfterError', delayMs: 30_000, message: 'Try again in 30000 ms.' });
  t.is(new RetryAfterError(0, { message: 'busy' }).message, 'busy');
});

test('RetryAfterError refuses a delay that is none and options that it does not have', t => {
  t.throws(() => new RetryAfterError('soon' as '1s'), { code: 'VALIDATION', message: /^The delay of RetryAfterError/ });
  const later: object = { pauseLimit: true };
  t.throws(() => new RetryAfterError('1s', later), { code: 'VALIDATION', message: /no option "pauseLimit"/ });
});
