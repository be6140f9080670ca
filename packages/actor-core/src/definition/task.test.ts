import test from 'ava';
import { z } from 'zod';
import { DEFAULT_TASK_POLICY } from '../options/task-policy.ts';
import { task } from './task.ts';

const untyped = task as (options: unknown, run?: unknown) => unknown;

test('a task is a frozen record of what it was told, times in milliseconds', t => {
  const input = z.string();
  const output = z.number();
  const run = (text: string) => text.length;
  const length = task({ name: 'length', input, output, timeout: '3s', retry: { maxAttempts: 2 } }, run);
  t.like(length, { kind: 'task', name: 'length', inputSchema: input, outputSchema: output, timeoutMs: 3_000, run });
  t.is(length.retry.maxAttempts, 2);
  t.true(Object.isFrozen(length));
});

test('a task without options has the default policy', t => {
  t.like(
    task({ name: 'a' }, () => 1),
    { ...DEFAULT_TASK_POLICY, inputSchema: undefined, outputSchema: undefined, errors: new Map() },
  );
});

test('a wrong option is refused with the name of the task', t => {
  const refused: [unknown, RegExp][] = [
    [{ name: 'a', timout: 1 }, /no option "timout" in task "a"\. Did you mean "timeout"/],
    [{ name: 'a', retry: { maxAttempts: 0 } }, /^maxAttempts of retry of task "a"/],
    [{ name: 'a', retry: { attempts: 1 } }, /in retry of task "a"/],
    [{ name: 'a', timeout: 'soon' }, /^timeout of task "a"/],
    [{ name: 'a', input: {} }, /^input of task "a" must be a Standard Schema/],
    [{ name: 'a', output: 'string' }, /^output of task "a" must be a Standard Schema/],
    [{ name: 'a', errors: { Bad: 1 } }, /^errors of task "a": "Bad" must be a Standard Schema/],
    [{ name: 'a', errors: [] }, /^errors of task "a"/],
    [{ name: '' }, /^The name of a task/],
    [{}, /^The name of a task/],
    [undefined, /^The options of a task/],
    ['a', /^The options of a task/],
  ];
  for (const [options, message] of refused) {
    t.throws(() => untyped(options, () => 1), { code: 'VALIDATION', message });
  }
});

test('an option of a later version is refused by name', t => {
  for (const name of ['queue', 'queueTimeout', 'rateLimit', 'maxConcurrent', 'priority']) {
    t.throws(() => untyped({ name: 'a', [name]: 1 }, () => 1), {
      code: 'VALIDATION',
      message: new RegExp(`no option "${name}" in task "a"`),
    });
  }
});

test('a task without a function is refused', t => {
  t.throws(() => untyped({ name: 'a' }), { code: 'VALIDATION', message: /^task "a" needs a function/ });
});
