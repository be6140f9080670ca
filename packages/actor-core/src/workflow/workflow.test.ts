import test from 'ava';
import { z } from 'zod';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import { workflow } from './workflow.ts';

const untyped = workflow as (...args: unknown[]) => { implement(run: unknown): unknown };

test('a workflow is a frozen record of what it was told, times in milliseconds', t => {
  const approval = signal('approval');
  const status = query('status');
  const rename = update('rename');
  const input = z.string();
  const Gone = z.string();
  const run = async () => undefined;
  const order = workflow(
    {
      name: 'order',
      version: 2,
      input,
      signals: [approval],
      queries: [status],
      updates: [rename],
      timeout: '30d',
      runTimeout: '1d',
      cleanupTimeout: '1m',
      errors: { Gone },
      attributes: { tier: 'keyword' },
    },
    run,
  );
  t.like(order, {
    kind: 'workflow',
    name: 'order',
    version: 2,
    inputSchema: input,
    outputSchema: undefined,
    signals: new Map([['approval', approval]]),
    queries: new Map([['status', status]]),
    updates: new Map([['rename', rename]]),
    errors: new Map([['Gone', Gone]]),
    attributes: new Map([['tier', 'keyword']]),
    timeoutMs: 30 * 86_400_000,
    runTimeoutMs: 86_400_000,
    cleanupTimeoutMs: 60_000,
    run,
  });
  t.true(Object.isFrozen(order));
});

test('without options a workflow is version 1, without time limit, with 5 minutes to clean up', t => {
  const order = workflow({ name: 'order' }, async () => undefined);
  t.like(order, {
    version: 1,
    timeoutMs: undefined,
    runTimeoutMs: undefined,
    cleanupTimeoutMs: 300_000,
    attributes: undefined,
    retention: undefined,
  });
  t.is(order.onError(new Error('x')), 'fail');
});

test('onError is a verdict, or a function that comes to one', t => {
  t.is(workflow({ name: 'a', onError: 'hold' }).onError(new Error('x')), 'hold');
  const byError = workflow({ name: 'a', onError: error => (error instanceof RangeError ? 'hold' : 'fail') });
  t.is(byError.onError(new RangeError('x')), 'hold');
  t.is(byError.onError(new Error('x')), 'fail');
  const verdict: unknown = () => 'retry';
  const wrong = workflow({ name: 'a', onError: verdict as () => 'hold' });
  t.throws(() => wrong.onError(new Error('x')), { code: 'VALIDATION', message: /onError of workflow "a" returns/ });
});

test('a definition without a body is implemented into a workflow and stays without one', t => {
  const run = async () => 1;
  const declared = workflow({ name: 'order', version: 3 });
  t.false('run' in declared);
  const order = declared.implement(run);
  t.like(order, { name: 'order', version: 3, run });
  t.false('implement' in order);
});

test('a workflow knows where it was defined', t => {
  t.regex(workflow({ name: 'a' }, async () => 1).source ?? '', /workflow\.test\.\w+:\d+:\d+$/);
  t.regex(workflow({ name: 'a' }).implement(async () => 1).source ?? '', /workflow\.test\.\w+:\d+:\d+$/);
});

test('a body that is no function is refused', t => {
  t.throws(() => untyped({ name: 'a' }, undefined), { code: 'VALIDATION', message: /^workflow "a" needs a function/ });
  t.throws(() => untyped({ name: 'a' }).implement(3), {
    code: 'VALIDATION',
    message: /^workflow "a" needs a function/,
  });
});

test('a wrong option is refused with the name of the workflow', t => {
  const approval = signal('approval');
  const refused: [unknown, RegExp][] = [
    [{ name: 'a', timout: 1 }, /no option "timout" in workflow "a"\. Did you mean "timeout"/],
    [{ name: 'a', version: 0 }, /^version of workflow "a"/],
    [{ name: 'a', version: 1.5 }, /^version of workflow "a"/],
    [{ name: 'a', timeout: '10' }, /^timeout of workflow "a"/],
    [{ name: 'a', runTimeout: -1 }, /^runTimeout of workflow "a"/],
    [{ name: 'a', cleanupTimeout: NaN }, /^cleanupTimeout of workflow "a"/],
    [{ name: 'a', retention: 'long' }, /^retention of workflow "a"/],
    [{ name: 'a', retention: { terminated: '7d' } }, /no option "terminated" in retention of workflow "a"/],
    [{ name: 'a', onError: 'ignore' }, /^onError of workflow "a"/],
    [{ name: 'a', signals: approval }, /^signals of workflow "a" must be an array/],
    [{ name: 'a', signals: [query('q')] }, /^signals of workflow "a" must hold what signal\(…\) returns/],
    [{ name: 'a', signals: [approval, signal('approval')] }, /^signals of workflow "a": "approval" is there twice/],
    [{ name: 'a', queries: ['q'] }, /^queries of workflow "a"/],
    [{ name: 'a', attributes: { tier: 'text' } }, /^attributes of workflow "a"/],
    [{ name: 'a', input: 1 }, /^input of workflow "a"/],
    [{ version: 1 }, /^The name of a workflow/],
    [null, /^The options of a workflow/],
  ];
  for (const [options, message] of refused) t.throws(() => untyped(options), { code: 'VALIDATION', message });
});

test('an option of a later version is refused by name', t => {
  for (const name of ['streams', 'retry', 'schedule', 'rateLimit', 'maxConcurrent', 'onClose']) {
    t.throws(() => untyped({ name: 'a', [name]: 1 }), {
      code: 'VALIDATION',
      message: new RegExp(`no option "${name}" in workflow "a"`),
    });
  }
});
