import test from 'ava';
import { nearest, parseChoice, readOptions } from './known-options.ts';

const NAMES = ['timeout', 'totalTimeout', 'retry', 'input'] as const;

test('an unknown option is refused with the nearest right name', t => {
  const error = t.throws(() => readOptions({ timout: 1 }, 'task "a"', NAMES), { code: 'VALIDATION' });
  t.is(error?.message, 'There is no option "timout" in task "a". Did you mean "timeout"?');
});

test('an unknown option that is near none is refused with all names', t => {
  t.throws(() => readOptions({ queue: 'gpu' }, 'task "a"', NAMES), {
    code: 'VALIDATION',
    message: 'There is no option "queue" in task "a". Its options are: timeout, totalTimeout, retry, input.',
  });
});

test('an unknown option is refused even when its value is undefined', t => {
  t.throws(() => readOptions({ queue: undefined }, 'task "a"', NAMES), { message: /"queue"/ });
});

test('an option that is undefined is as if absent', t => {
  t.deepEqual(readOptions({ timeout: undefined, retry: null }, 'task "a"', NAMES), { retry: null });
  t.deepEqual(readOptions(undefined, 'task "a"', NAMES), {});
});

test('options named like parts of every object are unknown', t => {
  t.throws(() => readOptions({ constructor: 1 }, 'task "a"', NAMES), { message: /"constructor"/ });
  t.throws(() => readOptions(JSON.parse('{"__proto__": 1}'), 'task "a"', NAMES), { message: /"__proto__"/ });
});

test('options that are no object are refused', t => {
  for (const value of [null, 3, 'a', [], () => 1]) {
    t.throws(() => readOptions(value, 'task "a"', NAMES), { code: 'VALIDATION', message: /must be an object/ });
  }
});

test('slips are found whatever the case, hyphens, swaps and missing letters; other words are not', t => {
  t.is(nearest('TimeOut', NAMES), 'timeout');
  t.is(nearest('total-timeout', NAMES), 'totalTimeout');
  t.is(nearest('rerty', NAMES), 'retry');
  t.is(nearest('inputs', NAMES), 'input');
  t.is(nearest('ot', ['to']), 'to');
  t.is(nearest('priority', NAMES), undefined);
  t.is(nearest('to', ['by', 'ok']), undefined);
});

test('a choice is one of those listed', t => {
  t.is(parseChoice('fail', 'onError', ['fail', 'hold']), 'fail');
  t.throws(() => parseChoice('ignore', 'onError', ['fail', 'hold']), {
    code: 'VALIDATION',
    message: `onError must be one of 'fail', 'hold', got "ignore".`,
  });
});
