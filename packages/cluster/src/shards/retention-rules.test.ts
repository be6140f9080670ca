import { workflow } from '@dfnsjs/actor-core';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import { rulesFor } from '@dfnsjs/actor-core/ports';
import { parseRetention } from '@dfnsjs/actor-core/values';
import test from 'ava';
import { retentionRules } from './retention-rules.ts';

const DAY_MS = 86_400_000;
const NOW = 100 * DAY_MS;
const run = async () => undefined;

function rules(otherwise: unknown, ...workflows: Parameters<typeof workflow>[0][]) {
  const registry = new WorkflowRegistry();
  for (const each of workflows) registry.register(workflow(each, run));
  const retention = otherwise === undefined ? undefined : parseRetention(otherwise, 'retention');
  return retentionRules(registry, retention, NOW).map(
    ({ workflow: name, status, closedBefore }) => `${name} ${status} ${(NOW - closedBefore) / DAY_MS}d`,
  );
}

test('nothing is over where nobody says so', t => {
  t.deepEqual(rules(undefined, { name: 'a' }), []);
});

test('one time is for all ways to end; a failure includes timeouts, a cancellation terminations', t => {
  t.deepEqual(rules('7d', { name: 'a' }), [
    'null completed 7d',
    'null failed 7d',
    'null timed-out 7d',
    'null cancelled 7d',
    'null terminated 7d',
  ]);
});

test('a workflow speaks for itself, and the node for what it leaves out', t => {
  t.deepEqual(rules({ failed: '30d' }, { name: 'a', retention: { completed: '1d' } }, { name: 'b' }), [
    'null failed 30d',
    'null timed-out 30d',
    'a failed 30d',
    'a timed-out 30d',
    'a completed 1d',
  ]);
});

test('the newest version speaks for all', t => {
  const of = (version: number, retention: '1d' | '2d') => ({ name: 'a', version, retention: { completed: retention } });
  t.deepEqual(rules(undefined, of(2, '2d'), of(1, '1d')), ['a completed 2d']);
});

test('what only other nodes have is theirs to say', t => {
  const registry = new WorkflowRegistry();
  registry.register(workflow({ name: 'a' }, run));
  const made = retentionRules(registry, parseRetention({ completed: '1d' }, 'retention'), NOW, ['a', 'b', 'b']);
  t.deepEqual(rulesFor('a', made), [{ workflow: null, status: 'completed', closedBefore: NOW - DAY_MS }]);
  t.true(rulesFor('b', made).every(({ closedBefore }) => closedBefore === 0));
  t.is(rulesFor('b', made).length, 1);
  t.is(rulesFor('c', made)[0]?.closedBefore, NOW - DAY_MS);
});
