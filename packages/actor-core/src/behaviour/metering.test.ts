import test from 'ava';
import { NonRetryableError } from '../definition/retry-control.ts';
import { signal } from '../definition/signal.ts';
import { task } from '../definition/task.ts';
import type { ShardId } from '../ids/ids.ts';
import { encode } from '../payload/encode.ts';
import { OutcomeUnknownError } from '../ports/store/commit.ts';
import type { AtRest } from '../ports/store/open-count.ts';
import { Distribution, Measurements } from '../ports/telemetry/measurements.ts';
import { workflow, type AnyWorkflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const SHARD = 0 as ShardId;
const go = signal('go');

function measured(...workflows: readonly AnyWorkflow[]) {
  const measurements = new Measurements(() => 0);
  const node = new FakeNode(workflows, { measurements });
  /** Of a metric, by its labels without the namespace; what is 0 is left out. */
  const read = (key: string): Record<string, number> => {
    const { series = [] } = measurements.read().find(each => each.key === key) ?? {};
    const values = series.map(each => {
      const value = each instanceof Distribution ? each.counts.reduce((a, b) => a + b) : each.value;
      return [each.labels.filter(label => label !== 'default').join(' '), value] as const;
    });
    return Object.fromEntries(values.filter(([, value]) => value !== 0));
  };
  return { node, read };
}

test('a task is counted when it begins, is tried again, and has its result', async t => {
  const flaky = task({ name: 'flaky', retry: { initial: '1s' } }, (_: void, { attempt }) => {
    if (attempt < 3) throw new Error('again');
  });
  const flow = workflow({ name: 'flow' }, async ctx => {
    await ctx.run(flaky);
    await ctx.step('step', () => 1);
  });
  const { node, read } = measured(flow);
  await node.start('flow');
  t.deepEqual(read('tasksStarted'), { 'flaky local': 1 });
  t.deepEqual(read('tasksRetried'), { 'flaky local': 1 });
  await node.advance(60_000);
  t.deepEqual(read('tasksStarted'), { 'flaky local': 3, 'step local': 1 });
  t.deepEqual(read('tasksRetried'), { 'flaky local': 2 });
  t.deepEqual(read('tasksCompleted'), { 'flaky local': 1, 'step local': 1 });
  t.deepEqual(read('tasksFailed'), {});
  t.deepEqual(read('taskDuration'), { flaky: 3, step: 1 });
});

test('why a task is over without a result is told apart', async t => {
  const fails = { retry: { maxAttempts: 2, initial: 1 } } as const;
  const flow = workflow({ name: 'flow' }, async ctx => {
    const failing = [
      ctx.run(
        task({ name: 'refuses' }, () => {
          throw new NonRetryableError('no');
        }),
      ),
      ctx.run(
        task({ name: 'tries', ...fails }, () => {
          throw new Error('no');
        }),
      ),
      ctx.run(
        task({ name: 'late', totalTimeout: '1s' }, () => {
          throw new Error('no');
        }),
      ),
    ];
    const loser = ctx.run(task({ name: 'loser' }, () => new Promise<void>(() => undefined)));
    await Promise.allSettled(failing);
    loser.cancel('enough');
    await loser.catch(() => undefined);
  });
  const { node, read } = measured(flow);
  await node.start('flow');
  await node.advance(60_000);
  t.deepEqual(read('tasksFailed'), {
    'refuses non-retryable': 1,
    'tries attempts': 1,
    'late timeout': 1,
    'loser cancelled': 1,
  });
  t.is(node.outcome().status, 'completed');
});

test('nothing is counted of a turn that is not durable', async t => {
  const flow = workflow({ name: 'flow' }, ctx => ctx.step('step', () => 1));
  const { node, read } = measured(flow);
  const { store } = node;
  let lands: (() => void) | undefined;
  store.beforeCommit = () => new Promise<void>(resolve => (lands = resolve));
  const started = node.engine.start({
    namespace: 'default',
    id: 'a',
    workflow: 'flow',
    version: undefined,
    input: null,
    attributes: null,
    headers: null,
    onConflict: 'fail',
    reuse: 'always',
    idempotency: null,
    startedBy: null,
  });
  await node.settle();
  t.deepEqual([read('executionsStarted'), read('messages'), read('tasksStarted')], [{}, {}, {}]);
  lands?.();
  await started;
  await node.settle();
  t.deepEqual([read('executionsStarted'), read('tasksStarted')], [{ flow: 1 }, { 'step local': 1 }]);
  t.deepEqual([read('tasksCompleted'), read('executionsClosed')], [{}, {}]);
  lands?.();
  await node.settle();
  t.deepEqual([read('tasksCompleted'), read('executionsClosed')], [{ 'step local': 1 }, { 'flow completed': 1 }]);
});

test('an execution is started once and ends once, however many runs it has', async t => {
  const flow = workflow({ name: 'flow' }, async (ctx, n: number) => {
    if (n < 3) await ctx.continueAsNew(n + 1);
  });
  const { node, read } = measured(flow);
  await node.start('flow', 1);
  await node.settle();
  t.deepEqual(read('executionsStarted'), { flow: 1 });
  t.deepEqual(read('executionsClosed'), { 'flow completed': 1 });
  t.deepEqual(read('activations'), { start: 1, 'continue-as-new': 2 });
});

test('a start that is refused is not counted', async t => {
  const flow = workflow({ name: 'flow', signals: [go] }, ctx => ctx.waitForSignal(go));
  const { node, read } = measured(flow);
  await node.start('flow');
  await t.throwsAsync(node.start('flow'), { code: 'ALREADY_RUNNING' });
  await node.start('flow', undefined, { onConflict: 'use-existing' });
  t.deepEqual(read('executionsStarted'), { flow: 1 });
});

test('messages are counted once, whoever sends them again, and by the way they came', async t => {
  const receiver = workflow({ name: 'receiver', signals: [go] }, async ctx => {
    await ctx.waitForSignal(go);
    await ctx.waitForSignal(go);
  });
  const sender = workflow({ name: 'sender' }, ctx => ctx.execution('r').signal(go));
  const { node, read } = measured(receiver, sender);
  await node.start('receiver', undefined, { id: 'r' });
  const messageId = node.messageId();
  await node.signal('go', 1, { id: 'r', messageId });
  await node.signal('go', 1, { id: 'r', messageId });
  await node.start('sender', undefined, { id: 's' });
  await node.settle();
  t.is(node.outcome('r').status, 'completed');
  t.deepEqual(read('messages'), { 'start direct': 2, 'sent direct': 1, 'signal direct': 1, 'signal inbox': 1 });
});

test('replay counts nothing but the activation', async t => {
  const flow = workflow({ name: 'flow', signals: [go] }, async ctx => {
    await ctx.step('step', () => 1);
    await ctx.waitForSignal(go);
  });
  const { node, read } = measured(flow);
  await node.start('flow');
  await node.restart();
  await node.signal('go');
  t.deepEqual(read('tasksStarted'), { 'step local': 1 });
  t.deepEqual(read('tasksCompleted'), { 'step local': 1 });
  t.deepEqual(read('activations'), { start: 1, journal: 1 });
  t.deepEqual(read('messages'), { 'start direct': 1, 'task-done direct': 1, 'signal direct': 1 });
});

test('attempts that are lost with their node are retried, or are lost for good', async t => {
  const never = () => new Promise<void>(() => undefined);
  const flow = workflow({ name: 'flow' }, async ctx => {
    const once = ctx.run(task({ name: 'once', retry: { maxAttempts: 1 } }, never));
    const often = ctx.run(task({ name: 'often' }, never));
    await Promise.allSettled([once, often]);
  });
  const { node, read } = measured(flow);
  await node.start('flow');
  await node.restart({ crashed: true });
  t.deepEqual(read('tasksRetried'), { 'often local': 1 });
  t.deepEqual(read('tasksFailed'), { 'once lost': 1 });
});

test('a task whose outcome an operator gives has that one, in backoff or while its body runs', async t => {
  const flow = workflow({ name: 'flow' }, async ctx => {
    const waits = task({ name: 'waits', retry: { initial: '1h' } }, () => {
      throw new Error('later');
    });
    const runs = task({ name: 'runs' }, () => new Promise<void>(() => undefined));
    await Promise.allSettled([ctx.run(waits), ctx.run(runs), ctx.run(runs)]);
  });
  const { node, read } = measured(flow);
  await node.start('flow');
  const override = (command: number, action: 'complete' | 'fail') =>
    node.engine.overrideTask('default', 'a', { command, action, payload: null }, node.messageId());
  await override(1, 'complete');
  await override(2, 'complete');
  await override(3, 'fail');
  await node.settle();
  t.is(node.outcome().status, 'completed');
  t.deepEqual(read('tasksCompleted'), { 'waits local': 1, 'runs local': 1 });
  t.deepEqual(read('tasksFailed'), { 'runs operator': 1 });
});

test('held executions are counted while they are held', async t => {
  let fails = true;
  const flow = workflow({ name: 'flow', onError: 'hold' }, () => {
    if (fails) throw new Error('no');
  });
  const { node, read } = measured(flow);
  await node.start('flow', undefined, { id: 'a' });
  await node.start('flow', undefined, { id: 'b' });
  t.deepEqual(read('executionsHeld'), { 'flow ON_ERROR': 2 });
  await node.terminate(null, 'b');
  t.deepEqual(read('executionsHeld'), { 'flow ON_ERROR': 1 });
  t.deepEqual(read('executionsClosed'), { 'flow terminated': 1 });
  fails = false;
  await node.engine.retry('default', 'a');
  await node.settle();
  t.deepEqual(read('executionsHeld'), {});
  t.deepEqual(read('executionsClosed'), { 'flow terminated': 1, 'flow completed': 1 });
});

test('executions are open from their start to their end, however many runs they have, held or not', async t => {
  let fails = true;
  const flow = workflow({ name: 'flow', signals: [go] }, async (ctx, n: number) => {
    await ctx.waitForSignal(go);
    if (n < 2) await ctx.continueAsNew(n + 1);
    await ctx.step('checks', () => {
      if (fails) throw new NonRetryableError('no');
    });
    await ctx.waitForSignal(go);
  });
  const holds = workflow({ name: 'holds', onError: 'hold' }, () => {
    throw new Error('no');
  });
  const brief = workflow({ name: 'brief' }, async (ctx, n: number) => {
    if (n < 2) await ctx.continueAsNew(n + 1);
  });
  const { node, read } = measured(flow, holds, brief);
  await node.start('flow', 1, { id: 'a' });
  await node.start('holds', undefined, { id: 'b' });
  await node.start('flow', 1, { id: 'c', namespace: 'other' });
  await node.start('brief', 1, { id: 'd' });
  t.deepEqual(read('executionsOpen'), { '': 2, other: 1 });
  await node.signal('go');
  t.deepEqual(read('executionsOpen'), { '': 2, other: 1 });
  await node.signal('go');
  t.is(node.outcome().status, 'failed');
  t.deepEqual(read('executionsOpen'), { '': 1, other: 1 });
  fails = false;
  await node.engine.retry('default', 'a');
  await node.settle();
  t.deepEqual(read('executionsOpen'), { '': 2, other: 1 });
  await node.signal('go');
  await node.terminate(null, 'b');
  t.deepEqual(read('executionsOpen'), { other: 1 });
  await node.restart();
  t.deepEqual(read('executionsOpen'), { other: 1 });
  node.engine.disown(SHARD);
  t.deepEqual(read('executionsOpen'), {});
});

const waits = workflow({ name: 'waits', signals: [go] }, ctx => ctx.waitForSignal(go));

test('what begins and ends while open executions are counted counts once', async t => {
  const { node, read } = measured(waits);
  for (const id of ['a', 'b', 'c']) await node.start('waits', undefined, { id });
  await node.restart();
  const { goOn, counting } = countSlowly(node);
  await node.settle();
  const first = node.terminate(null, 'a');
  const second = node.start('waits', undefined, { id: 'd' });
  await node.settle();
  // The moment has not come: they wait for it.
  t.deepEqual(read('executionsOpen'), { '': 3 });
  goOn();
  await Promise.all([first, second]);
  await node.start('waits', undefined, { id: 'e' });
  await node.terminate(null, 'e');
  await node.terminate(null, 'b');
  t.deepEqual(read('executionsOpen'), { '': 2 });
  goOn();
  await counting;
  t.deepEqual(read('executionsOpen'), { '': 2 });
  await node.terminate(null, 'd');
  t.deepEqual(read('executionsOpen'), { '': 1 });
});

test('a count that fails is made again, and nothing comes of what is late of it', async t => {
  const { node, read } = measured(waits);
  await node.start('waits', undefined, { id: 'a' });
  node.engine.disown(SHARD);
  node.engine.own(SHARD, node.store.epoch, 0);
  let late: (() => void) | undefined;
  const { goOn, counting } = countSlowly(node, atRest => {
    late = () =>
      void t.throwsAsync(
        atRest(() => Promise.resolve(t.fail())),
        { code: 'UNAVAILABLE' },
      );
    throw new Error('no');
  });
  await node.settle();
  t.deepEqual(read('executionsOpen'), {});
  await node.advance(1_000);
  goOn();
  await node.settle();
  late!();
  await node.start('waits', undefined, { id: 'b' });
  goOn();
  await counting;
  t.deepEqual(read('executionsOpen'), { '': 2 });
});

test('where the store has another history than memory, what is open is counted anew', async t => {
  const { node, read } = measured(waits);
  for (const id of ['a', 'b']) await node.start('waits', undefined, { id });
  const { store } = node;
  const stored = [...store.runs.values()].find(({ run }) => run.id === 'b')!;
  stored.run = { ...stored.run, status: 'terminated' };
  t.deepEqual(read('executionsOpen'), { '': 2 });
  const commit = store.commit.bind(store);
  store.commit = async () => {
    store.commit = commit;
    return [{ kind: 'conflict' }];
  };
  node.signal('go').catch(() => undefined);
  await node.settle();
  t.is(node.outcome().status, 'completed');
  t.deepEqual(read('executionsOpen'), {});
});

/** The store's moment waits for one `goOn`, and its answer for another. `fails` is called in place of the first count. */
function countSlowly(node: FakeNode, fails?: (atRest: AtRest) => never) {
  const { store } = node;
  const countOpen = store.countOpen.bind(store);
  let goOn: () => void;
  const pause = () => new Promise<void>(resolve => (goOn = resolve));
  store.countOpen = async (shards, atRest) => {
    const failing = fails;
    fails = undefined;
    failing?.(atRest);
    const counts = await countOpen(shards, moment => atRest(() => pause().then(moment)));
    await pause();
    return counts;
  };
  return { counting: node.engine.countOpen([SHARD]), goOn: () => goOn() };
}

test('open executions are counted behind a commit that is on its way, and one of unknown outcome counts once', async t => {
  const { node, read } = measured(waits);
  await node.start('waits', undefined, { id: 'a' });
  let asked = 0;
  node.store.beforeCommit = async (_, land) => {
    if (asked++ > 0) return;
    land();
    throw new OutcomeUnknownError('lost');
  };
  const started = node.start('waits', undefined, { id: 'b' });
  await node.settle();
  const counting = node.engine.countOpen([SHARD]);
  await node.advance(1_000);
  await Promise.all([started, counting]);
  t.is(asked, 2);
  t.deepEqual(read('executionsOpen'), { '': 2 });
  await node.engine.stop();
  t.deepEqual(read('executionsOpen'), {});
});

test('residents, mailboxes, timers and refused calls', async t => {
  const flow = workflow({ name: 'flow', signals: [go] }, async ctx => {
    await ctx.sleep('1s');
    await ctx.waitForSignal(go);
  });
  const { node, read } = measured(flow);
  await node.start('flow', undefined, { id: 'a' });
  await node.start('flow', undefined, { id: 'b' });
  t.deepEqual(read('actorsResident'), { '': 2 });
  t.deepEqual(read('mailboxDepth'), {});
  await node.advance(5_000);
  t.deepEqual(read('timerLag'), { '': 2 });
  const signalled = node.engine.signal('default', 'a', 'go', encode(1, 'payload'), node.messageId());
  t.deepEqual(read('mailboxDepth'), { '': 1 });
  signalled.catch(() => undefined);
  await node.engine.stop();
  await t.throwsAsync(node.engine.signal('default', 'a', 'go', encode(1, 'payload'), node.messageId()), {
    code: 'UNAVAILABLE',
  });
  t.deepEqual(read('rejected'), { stopping: 1 });
  t.deepEqual(read('actorsResident'), {});
});
