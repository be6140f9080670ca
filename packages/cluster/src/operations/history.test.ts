import test from 'ava';
import { workflow } from '@dfnsjs/actor-core';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { LoadedRun } from '@dfnsjs/actor-core/ports';
import { encodeTurn, type RunRow, type Turn } from '@dfnsjs/actor-core/records';
import type { OperationContext } from './context.ts';
import { historyOperations } from './history.ts';

const run = {
  eid: 1,
  first: 1,
  id: 'a',
  runId: 'r',
  status: 'running',
  startedAt: 100,
  closedAt: null,
  lineage: null,
  input: null,
} as unknown as RunRow;
const turns: Turn[] = [
  {
    seq: 1,
    messages: [{ kind: 'start', at: 100, attributes: null }],
    commands: [
      { kind: 'timer', due: 400 },
      { kind: 'attributes', changes: [['n', 1]] },
    ],
    traceparent: null,
  },
  { seq: 2, messages: [{ kind: 'timer', at: 400, command: 1 }], commands: [], traceparent: null },
];

function operations() {
  const loaded: LoadedRun = {
    run,
    journal: turns.map(turn => ({ seq: turn.seq, turn: encodeTurn(turn) })),
    snapshots: [],
    inbox: [],
  };
  const workflows = new WorkflowRegistry();
  workflows.register(workflow({ name: 'w' }, async () => 1));
  const store = {
    current: async (_: string, id: string) => (id === 'a' ? run : undefined),
    load: async () => [loaded],
    chain: async () => [run],
  };
  return historyOperations({ store, workflows } as unknown as OperationContext);
}

const address = { namespace: 'default', id: 'a' };

test('a timeline is the spans of a run', async t => {
  t.deepEqual(await operations().timeline(address), {
    runId: 'r',
    status: 'running',
    startedAt: 100,
    spans: [{ kind: 'timer', command: 1, until: 400, status: 'completed', startedAt: 100, endedAt: 400 }],
  });
});

test('the state at a turn is what was open and set then', async t => {
  const { state } = operations();
  const open = [{ kind: 'timer', command: 1, until: 400, status: 'running', startedAt: 100 }];
  const rest = { runId: 'r', status: 'running', attributes: { n: 1 } };
  t.deepEqual(await state({ ...address, atTurn: 1 }), { ...rest, turn: 1, at: 100, open });
  t.deepEqual(await state(address), { ...rest, turn: 2, at: 400, open: [] });
  t.deepEqual(await state({ ...address, atTurn: 0 }), { ...rest, turn: 0, at: 100, attributes: {}, open: [] });
});

test('turns, runs and executions that are not there are refused', async t => {
  const { state, timeline } = operations();
  for (const atTurn of [-1, 3, 0.5, Number.NaN]) {
    await t.throwsAsync(state({ ...address, atTurn }), { code: 'VALIDATION', message: /0 to 2/ });
  }
  await t.throwsAsync(timeline({ ...address, runId: 'x' }), { code: 'NOT_FOUND' });
  await t.throwsAsync(timeline({ ...address, id: 'b' }), { code: 'NOT_FOUND' });
});
