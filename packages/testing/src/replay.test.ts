import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signal, task, workflow, type WorkflowContext } from '@dfnsjs/actor-core';
import type { HistoryFile } from '@dfnsjs/actor-core/records';
import test, { type ExecutionContext } from 'ava';
import { recordHistory, replay, replayAll } from './replay.ts';
import { createTestCluster } from './test-cluster.ts';

interface Cart {
  readonly items: ReadonlyMap<string, bigint>;
}
const approval = signal<'approval', { by: string; at: Date }>('approval');
const charge = task({ name: 'charge', retry: { initial: '1s' } }, (amount: bigint, t) => {
  if (t.attempt === 1) throw new Error('The gateway answers 503.');
  return { amount, at: new Date(0) };
});

const define = (run: (ctx: WorkflowContext<Cart>, cart: Cart) => Promise<unknown>) =>
  workflow({ name: 'order', signals: [approval] }, run);

const order = define(async (ctx, cart) => {
  const token = [ctx.random(), ctx.uuid(), ctx.now()];
  const { by } = await ctx.waitForSignal(approval, { timeout: '7d' });
  await ctx.sleep('1d');
  const charged = await ctx.run(charge, cart.items.get('tea')!);
  return { token, by, charged };
});

async function recorded(of: ReturnType<typeof define> = order): Promise<HistoryFile> {
  const cluster = await createTestCluster({ workflows: [of] });
  const handle = await cluster.client.start(of, { items: new Map([['tea', 3n]]) }, { id: 'order-17' });
  await cluster.sleep('1h');
  await handle.signal(approval, { by: 'mia', at: new Date(5) });
  await handle.result();
  const history = await handle.exportHistory();
  await cluster.stop();
  // As it comes from a file or over HTTP.
  return JSON.parse(JSON.stringify(history)) as HistoryFile;
}

async function scratch(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'dfns-histories-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a history goes through the code that made it, rich values, chance, retries and all', async t => {
  const history = await recorded();
  t.like(await replay(history, [order]), {
    ok: true,
    workflow: 'order',
    version: 1,
    id: 'order-17',
    turns: history.turns.length,
    warnings: [],
  });
});

test('a history says for people what came and what was asked for', async t => {
  const history = await recorded();
  t.deepEqual(
    history.turns.flatMap(turn => turn.messages),
    ['start', 'signal "approval"', 'timer', 'task-failed', 'task-done'],
  );
  t.deepEqual(
    history.turns.flatMap(turn => turn.commands),
    ['wait for signal "approval"', 'sleep', 'task "charge"', 'end as completed'],
  );
});

test('code that asks for something else is told with turn, both sides, and the line that asked', async t => {
  const changed = define(async (ctx, cart) => {
    await ctx.waitForSignal(approval, { timeout: '7d' });
    await ctx.step('notify', () => 1);
    return ctx.run(charge, cart.items.get('tea')!);
  });
  const result = await replay(await recorded(), [changed]);
  t.like(result, { ok: false, turn: 2, expected: 'sleep', asked: 'step "notify"', id: 'order-17' });
  t.false(result.ok);
  if (result.ok) return;
  t.is(result.error.code, 'NON_DETERMINISM');
  t.regex(result.line!, /replay\.test\.[jt]s:\d+:\d+$/);
});

test('code that comes to another result is told, though it asked for the same', async t => {
  const changed = define(async (ctx, cart) => {
    await ctx.waitForSignal(approval, { timeout: '7d' });
    await ctx.sleep('1d');
    await ctx.run(charge, cart.items.get('tea')!);
    return 'something else';
  });
  t.like(await replay(await recorded(), [changed]), { ok: false, asked: 'another result' });
});

test('another input of a task is a warning, for its result was had with the recorded one', async t => {
  const changed = define(async (ctx, cart) => {
    const token = [ctx.random(), ctx.uuid(), ctx.now()];
    const { by } = await ctx.waitForSignal(approval, { timeout: '7d' });
    await ctx.sleep('1d');
    const charged = await ctx.run(charge, cart.items.get('tea')! + 1n);
    return { token, by, charged };
  });
  const result = await replay(await recorded(), [changed]);
  t.true(result.ok);
  t.regex(result.warnings!.join(), /another input than the history has \(command 3, task charge\)/);
});

test('a run that is still open is replayed as far as it came', async t => {
  const cluster = await createTestCluster({ workflows: [order] });
  const handle = await cluster.client.start(order, { items: new Map() });
  await cluster.settle();
  t.like(await replay(await handle.exportHistory(), [order]), { ok: true, turns: 1 });
  const ended = define(async () => 'at once');
  t.like(await replay(await handle.exportHistory(), [ended]), {
    ok: false,
    expected: 'wait for signal "approval"',
    asked: 'end as completed',
  });
  await cluster.stop();
});

test('each run of a chain is replayed with what it was handed', async t => {
  const counter = workflow({ name: 'counter', signals: [approval] }, async (ctx, left: number) => {
    const { by } = await ctx.waitForSignal(approval);
    return left > 0 ? ctx.continueAsNew(left - 1) : by;
  });
  const cluster = await createTestCluster({ workflows: [counter] });
  const handle = await cluster.client.start(counter, 1);
  // Both are there before the first run ends: the second is carried over.
  await handle.signal(approval, { by: 'mia', at: new Date(1) });
  await handle.signal(approval, { by: 'noa', at: new Date(2) });
  t.is(await handle.result(), 'noa');
  const { runs } = await handle.describe();
  for (const { runId } of runs) {
    t.like(await replay(await handle.exportHistory({ runId }), [counter]), { ok: true, runId });
  }
  await t.throwsAsync(handle.exportHistory({ runId: 'none' }), { code: 'NOT_FOUND' });
  await cluster.stop();
});

test('a folder of histories passes, or fails with each file that would break', async t => {
  const folder = await scratch(t);
  const cluster = await createTestCluster({ workflows: [order] });
  for (const id of ['a', 'b']) {
    const handle = await cluster.client.start(order, { items: new Map() }, { id });
    await cluster.settle();
    await recordHistory(handle, join(folder, 'deep', `${id}.json`));
  }
  await cluster.stop();
  await writeFile(join(folder, 'README.md'), 'Histories of last week.');
  t.deepEqual(
    (await replayAll(folder, [order])).map(({ ok, id }) => [ok, id]),
    [
      [true, 'a'],
      [true, 'b'],
    ],
  );
  const changed = define(ctx => ctx.sleep('1d'));
  const error = await t.throwsAsync(replayAll(folder, [changed]), { code: 'NON_DETERMINISM' });
  t.regex(error.message, /^2 of 2 histories cannot go on with this code\./);
  t.regex(error.message, /deep.a\.json: Turn 1, command 1: .*the code asked for sleep at /);
});

test('what is no history is refused with what to do', async t => {
  const folder = await scratch(t);
  const history = await recorded();
  const path = join(folder, 'cut.json');
  await writeFile(path, JSON.stringify(history).slice(0, 200));
  await t.throwsAsync(replay(path, [order]), { code: 'VALIDATION', message: /cut\.json is no JSON/ });
  await t.throwsAsync(replay(join(folder, 'absent.json'), [order]), { code: 'VALIDATION', message: /cannot be read/ });
  await t.throwsAsync(replayAll(await scratch(t), [order]), { code: 'VALIDATION', message: /recordHistory/ });
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /must be an object/],
    [{}, /format is undefined/],
    [{ ...history, format: 'dfns-history/9' }, /dfns-history\/9/],
    [{ ...history, turns: history.turns.slice(1) }, /Turn 1 of the history is missing/],
    [{ ...history, turns: [{ ...history.turns[0], record: 'AAAA' }] }, /Turn 1 of the history cannot be read/],
    [{ ...history, turns: [{ ...history.turns[0], record: '???' }] }, /no base64/],
    [{ ...history, turns: 7 }, /must be a list/],
    [{ ...history, execution: { ...history.execution, seed: 'x' } }, /seed/],
    [{ ...history, execution: { ...history.execution, status: 'gone' } }, /status/],
    [{ ...history, execution: { ...history.execution, startedAt: 'yesterday' } }, /yesterday/],
  ];
  for (const [value, message] of wrong) {
    await t.throwsAsync(replay(value as HistoryFile, [order]), { code: 'VALIDATION', message });
  }
});

test('a workflow that is not given is named, with what there is', async t => {
  const history = await recorded();
  const newer = workflow({ name: 'order', version: 2 }, async () => 1);
  const result = await replay(history, [newer]);
  t.false(result.ok);
  if (result.ok) return;
  t.is(result.error.code, 'UNKNOWN_WORKFLOW');
  t.regex(result.error.message, /version 1, is not registered here; the newest that is has version 2/);
});

test('a recorded file is for diffs: one turn a block, a line at the end', async t => {
  const folder = await scratch(t);
  const cluster = await createTestCluster({ workflows: [order] });
  const handle = await cluster.client.start(order, { items: new Map() });
  await recordHistory(handle, join(folder, 'order.json'));
  await cluster.stop();
  const text = await readFile(join(folder, 'order.json'), 'utf8');
  t.true(text.endsWith('}\n'));
  t.regex(text, /\n {6}"commands": \[\n {8}"wait for signal \\"approval\\""/);
});

test('a run that goes on from a failure is replayed as it came to be', async t => {
  let broken = true;
  const flaky = workflow({ name: 'flaky' }, async ctx => {
    const drawn = [await ctx.step('draw', () => 1), ctx.random(), ctx.uuid()];
    await ctx.step(
      'ship',
      () => {
        if (broken) throw new Error('No carrier.');
      },
      { retry: { maxAttempts: 1 } },
    );
    return [...drawn, ctx.random()];
  });
  const cluster = await createTestCluster({ workflows: [flaky] });
  const handle = await cluster.client.start(flaky);
  await t.throwsAsync(handle.result(), { message: /No carrier/ });
  broken = false;
  await handle.retry();
  await handle.result();
  t.like(await replay(await handle.exportHistory(), [flaky]), { ok: true, warnings: [] });
  await cluster.stop();
});
