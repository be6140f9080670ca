import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { startNode } from 'dfns';
import { Child } from './child.ts';
import { Ledger } from './ledger.ts';
import { scratch } from './scratch.ts';
import { until } from './until.ts';

test('kill-start: 1,000 executions that wait only on a local step finish with no outside stimulus', async t => {
  const folder = scratch(t);
  const store = `sqlite:${join(folder, 'app.db')}`;
  const ledger = new Ledger(join(folder, 'ledger'));

  const first = new Child(t, 'one-step.ts', store, ledger.path, '1000');
  await until(() => first.isRunning && ledger.lines().length >= 1_000);
  await first.kill();

  const second = new Child(t, 'one-step.ts', store, ledger.path, '0');
  await until(() => second.isRunning && ledger.lines().includes('all closed'));
  await second.kill();

  t.deepEqual(
    await resultsOf(t, store, n => `one-step-${n}`, 1_000),
    Array.from({ length: 1_000 }, (_, n) => n ** 2),
  );
});

test('task-recorded-once: 300 executions of 12 steps, killed five times, repeat only what was in hand', async t => {
  const folder = scratch(t);
  const store = `sqlite:${join(folder, 'app.db')}`;
  const ledger = new Ledger(join(folder, 'ledger'));
  const program = (...steps: string[]) => new Child(t, 'twelve-steps.ts', store, ledger.path, '300', ...steps);

  for (let kills = 0; kills < 5; kills++) {
    // Of all 3,600 steps five times as many leave some, however late a kill comes.
    const child = program('600');
    const enough = ledger.lines().length + 250;
    await until(() => child.isRunning && ledger.lines().length >= enough);
    t.false(ledger.lines().includes('all closed'), 'nothing was left to be killed in');
    await child.kill();
    ledger.add('killed');
  }
  const last = program();
  await until(() => last.isRunning && ledger.lines().includes('all closed'));
  await last.kill();

  // A sum of n × (0 + … + 11).
  t.deepEqual(
    await resultsOf(t, store, n => `twelve-${n}`, 300),
    Array.from({ length: 300 }, (_, n) => n * 66),
  );
  t.deepEqual(wrongStarts(ledger.lines()), []);
});

/** Starts of a step that is neither the next of its execution nor the one that was in hand at the last kill. */
function wrongStarts(lines: readonly string[]): string[] {
  const wrong: string[] = [];
  const lastStep = new Map<string, number>();
  const repeatable = new Set<string>();
  for (const line of lines) {
    const [id = '', step] = line.split(' ');
    if (line === 'killed') for (const each of lastStep.keys()) repeatable.add(each);
    if (step === undefined || id === 'all') continue;
    const last = lastStep.get(id) ?? -1;
    const repeats = Number(step) === last && repeatable.has(id);
    if (Number(step) !== last + 1 && !repeats) wrong.push(line);
    repeatable.delete(id);
    lastStep.set(id, Number(step));
  }
  for (const [id, step] of lastStep) if (step !== 11) wrong.push(`${id} ended at ${step}`);
  return wrong;
}

async function resultsOf(t: ExecutionContext, store: string, id: (n: number) => string, count: number) {
  const node = await startNode({ workflows: [], store, log: 'error' });
  t.teardown(() => node.stop());
  return Promise.all(Array.from({ length: count }, (_, n) => node.client.get(id(n)).result({ timeout: '10s' })));
}
