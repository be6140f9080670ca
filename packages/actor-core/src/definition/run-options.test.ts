import test from 'ava';
import { DEFAULT_TASK_POLICY } from '../options/task-policy.ts';
import { parseRun } from './run-options.ts';
import { task } from './task.ts';

const send = task({ name: 'send', timeout: '30s', retry: { maxAttempts: 5, jitter: 0 } }, () => 1);

test('without options a call has the policy of its task, a step the default', t => {
  t.is(parseRun(undefined, 'run of "send"', send).policy, send);
  t.is(parseRun(undefined, 'step "a"').policy, DEFAULT_TASK_POLICY);
});

test('options change what they name', t => {
  const { policy, label } = parseRun(
    { timeout: '1s', retry: { maxAttempts: 1 }, label: 'first' },
    'run of "send"',
    send,
  );
  t.is(label, 'first');
  t.like(policy, { timeoutMs: 1_000, totalTimeoutMs: undefined });
  t.like(policy.retry, { maxAttempts: 1, jitter: 0 });
});

test('an option that is wrong or of a later version is refused by name', t => {
  for (const name of ['queue', 'priority', 'compensate', 'queueTimeout']) {
    t.throws(() => parseRun({ [name]: 1 }, 'run of "send"', send), { message: new RegExp(`no option "${name}"`) });
  }
  t.throws(() => parseRun({ label: '' }, 'run of "send"', send), { code: 'VALIDATION', message: /^label of run/ });
});
