import test from 'ava';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import type { StartRequest } from '../engine/options.ts';
import { encode } from '../payload/encode.ts';
import { OutcomeUnknownError } from '../ports/store/commit.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal<'go', number>('go');
const add = update<'add', number, number>('add');
const here = workflow({ name: 'here' }, () => 'here');
const there = workflow({ name: 'there', version: 2, timeout: '1h', runTimeout: '10m', updates: [add] }, async ctx => {
  ctx.on(add, n => n);
  return ctx.waitForSignal(go);
});
const definition = { version: 2, timeoutMs: 3_600_000, runTimeoutMs: 600_000 };

/** A node that has `here`; another has `there`. */
function scene() {
  let looks = 0;
  const node = new FakeNode([here], {
    servedElsewhere: ({ name, version }) => name === 'there' && version === 2,
    heldForCode: () => void looks++,
  });
  const request = (more: Partial<StartRequest> = {}) => node.startRequest('there', 1, { definition, ...more });
  const goWith = (n: number) => ({ name: 'go', payload: encode(n, 'payload'), messageId: node.messageId() });
  return { node, request, goWith, looks: () => looks };
}

test('a start whose workflow another node has is stored and held, and goes on where the workflow is', async t => {
  const { node, request, looks } = scene();
  const started = await node.engine.start(request());
  t.is(started.existing, false);
  const row = node.row();
  t.like(row, { runId: started.runId, workflow: 'there', version: 2, status: 'running' });
  t.is(row.held?.code, 'UNKNOWN_WORKFLOW');
  t.deepEqual([row.deadline! - row.startedAt, row.runDeadline! - row.startedAt], [3_600_000, 600_000]);
  t.is(looks(), 1);
  await node.signal('go', 7);
  await node.restart({ workflows: [here, there], heals: true });
  t.deepEqual(node.outcome(), { status: 'completed', value: 7 });
});

test('it is refused where nobody has that version, or the call came in where the workflow is not', async t => {
  const { node, request, looks } = scene();
  await t.throwsAsync(node.engine.start(request({ version: 3 })), { code: 'UNKNOWN_WORKFLOW' });
  await t.throwsAsync(node.engine.start(request({ definition: undefined })), { code: 'UNKNOWN_WORKFLOW' });
  await t.throwsAsync(node.engine.start(request({ workflow: 'nobody' })), { code: 'UNKNOWN_WORKFLOW' });
  t.deepEqual([node.store.runs.size, looks()], [0, 0]);
});

test('what holds for any start holds for it: an id that is there, and the same idempotent call', async t => {
  const { node, request } = scene();
  const idempotency = { key: 'k', hash: 'h' };
  const first = await node.engine.start(request({ idempotency }));
  t.like(await node.engine.start(request({ idempotency, id: 'b' })), { id: 'a', runId: first.runId });
  await t.throwsAsync(node.engine.start(request()), { code: 'ALREADY_RUNNING' });
  t.like(await node.engine.start(request({ onConflict: 'use-existing' })), { existing: true, runId: first.runId });
});

test('a signal that comes with it is there with it, though the answer of the store is lost', async t => {
  const { node, request, goWith } = scene();
  let tries = 0;
  node.store.beforeCommit = async (_batch, land) => {
    if (tries++ > 0) return;
    land();
    throw new OutcomeUnknownError('late');
  };
  const call = node.engine.signalWithStart(request(), goWith(5));
  await node.advance(1_000);
  t.is((await call).existing, false);
  t.is(node.store.inboxRows.size, 1);
  await node.restart({ workflows: [here, there], heals: true });
  t.deepEqual(node.outcome(), { status: 'completed', value: 5 });
  t.is(node.store.inboxRows.size, 0);
});

test('it can be terminated before its code ever ran, and retried where the workflow is', async t => {
  const { node, request } = scene();
  await node.engine.start(request());
  await node.terminate('not here');
  t.like(node.row(), { status: 'terminated', held: null });
  await node.restart({ workflows: [here, there] });
  await node.retry();
  await node.signal('go', 3);
  t.deepEqual(node.outcome(), { status: 'completed', value: 3 });
  t.is(await node.replayAll(), 2);
});

test('an update that comes with it is refused, since nothing answers it here', async t => {
  const { node, request } = scene();
  const message = { name: 'add', payload: encode(1, 'payload'), messageId: node.messageId() };
  await t.throwsAsync(node.engine.updateWithStart(request(), message, 'answered'), { code: 'UNAVAILABLE' });
  t.is(node.row().held?.code, 'UNKNOWN_WORKFLOW');
});
