import test from 'ava';
import type { ExecutionSummary } from '@dfnsjs/client';
import { why } from './execution-cells.ts';

const summary = (more: Partial<ExecutionSummary>): ExecutionSummary => ({
  ...{ id: 'a', runId: 'r', workflow: 'order', version: 1, status: 'running', startedAt: new Date(0) },
  ...{ attributes: {}, waiting: [], turns: 1, bytes: 1, build: 'b' },
  ...more,
});

test('a row says why an execution is held, not what to do', t => {
  const of = (message: string) => why(summary({ held: { code: 'STUCK', message, at: new Date(0) } }), 0);
  t.is(
    of('It waits at src/a.ts:4 for v1.2 of x. Deploy code. Then retry.'),
    'STUCK: It waits at src/a.ts:4 for v1.2 of x.',
  );
  t.is(of('Nothing'), 'STUCK: Nothing');
});
