import test, { type ExecutionContext } from 'ava';
import type { WorkflowContext } from '../context/workflow-context.ts';
import type { Incarnation } from '../ids/ids.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test.serial(title, run));

const ONCE = { retry: { maxAttempts: 1 } };

const held = (run: (ctx: WorkflowContext) => unknown) => workflow({ name: 'w', onError: 'hold' }, run);

/** Steps that fail while their name is in `broken`, and say that they began. */
class Bench {
  readonly broken = new Set<string>();
  readonly begun: string[] = [];

  constructor(...broken: string[]) {
    for (const name of broken) this.broken.add(name);
  }

  step(ctx: WorkflowContext, name: string, maxAttempts = 1): Promise<unknown> {
    return ctx.step(name, () => this.run(name), { retry: { maxAttempts, initial: 1 } });
  }

  run(name: string): string {
    this.begun.push(name);
    if (this.broken.has(name)) throw new Error(`${name} is down`);
    return name;
  }

  mend(): void {
    this.broken.clear();
  }
}

for (const maxAttempts of [1, 3]) {
  let bench: Bench;
  behaviour(
    `a task of ${maxAttempts} attempts whose failure held its execution runs again after a retry`,
    () => {
      bench = new Bench('a');
      return [held(ctx => bench.step(ctx, 'a', maxAttempts))];
    },
    async (t, node) => {
      await node.start('w');
      await node.advance(100);
      t.is(node.row().held?.code, 'ON_ERROR');
      const before = bench.begun.length;
      bench.mend();
      await node.retry();
      t.deepEqual(node.outcome(), { status: 'completed', value: 'a' });
      t.is(bench.begun.length, before + 1);
    },
  );
}

let three: Bench;
behaviour(
  'a task has all its attempts again after a retry',
  () => {
    three = new Bench('a');
    return [held(ctx => three.step(ctx, 'a', 3))];
  },
  async (t, node) => {
    await node.start('w');
    for (const times of [3, 6, 9]) {
      await node.advance(100);
      t.is(node.row().held?.code, 'ON_ERROR');
      t.is(three.begun.length, times);
      if (times < 9) await node.retry();
    }
  },
);

let many: Bench;
behaviour(
  'all tasks that had failed run again, as often as their execution is held and retried',
  () => {
    many = new Bench('a', 'b', 'c');
    return [held(ctx => Promise.all([many.step(ctx, 'a'), many.step(ctx, 'b', 3), many.step(ctx, 'c')]))];
  },
  async (t, node) => {
    await node.start('w');
    t.regex(node.row().held!.message, /a is down/);
    for (let times = 2; times < 4; times++) {
      await node.retry();
      t.is(node.row().held?.code, 'ON_ERROR');
      for (const name of ['a', 'c']) t.is(many.begun.filter(each => each === name).length, times);
    }
    many.mend();
    await node.retry();
    // One that has attempts left waits for its next.
    await node.advance(100);
    t.deepEqual(node.outcome().value, ['a', 'b', 'c']);
  },
);

test('a task that is in hand beside the failed one goes on', async t => {
  const bench = new Bench('a');
  const gate = Promise.withResolvers<string>();
  const node = new FakeNode([
    held(ctx =>
      Promise.all([bench.step(ctx, 'a'), ctx.step('long', () => (bench.begun.push('long'), gate.promise), ONCE)]),
    ),
  ]);
  await node.start('w');
  t.is(node.row().held?.code, 'ON_ERROR');
  bench.mend();
  await node.retry();
  gate.resolve('long');
  await node.settle();
  t.deepEqual(node.outcome().value, ['a', 'long']);
  t.deepEqual(bench.begun, ['a', 'long', 'a']);
  await node.replayAll();
});

test('a task of one attempt that was in hand beside the failed one is lost with its node, and runs again after a retry of that', async t => {
  const bench = new Bench('a');
  const gate = Promise.withResolvers<string>();
  const node = new FakeNode([
    held(ctx =>
      Promise.all([bench.step(ctx, 'a'), ctx.step('long', () => (bench.begun.push('long'), gate.promise), ONCE)]),
    ),
  ]);
  await node.start('w');
  bench.mend();
  await node.restart({ crashed: true });
  await t.throwsAsync(node.retry(), { code: 'NOT_RETRYABLE', message: /Attempt 1 of "long" was lost: its node died/ });
  await node.settle();
  t.deepEqual(bench.begun, ['a', 'long'], 'what holds it is told before anything runs again');
  await node.restart({ crashed: true });
  await node.retry();
  gate.resolve('long');
  await node.settle();
  t.deepEqual(node.outcome().value, ['a', 'long']);
  t.deepEqual(bench.begun, ['a', 'long', 'a', 'long']);
  await node.replayAll();
});

test('a task of one attempt that runs again and loses its node is lost again', async t => {
  const bench = new Bench('a');
  const node = new FakeNode([
    held(ctx =>
      ctx
        .step('a', () => (bench.run('a'), new Promise(() => undefined)), ONCE)
        .catch(async (error: Error) => {
          if (/down/.test(error.message)) throw error;
          return error.message;
        }),
    ),
  ]);
  await node.start('w');
  bench.mend();
  await node.retry();
  t.is(bench.begun.length, 2);
  await node.restart({ crashed: true });
  t.is(bench.begun.length, 2);
  t.regex(String(node.outcome().value), /Attempt 2 of "a" was lost/);
  await node.replayAll();
});

for (const restarts of [false, true]) {
  test(`a task that fails while its execution is held runs again too${restarts ? ', its node gone in between' : ''}`, async t => {
    const bench = new Bench('a', 'late');
    const gate = Promise.withResolvers<void>();
    const node = new FakeNode([
      held(ctx =>
        Promise.all([bench.step(ctx, 'a'), ctx.step('late', () => gate.promise.then(() => bench.run('late')), ONCE)]),
      ),
    ]);
    await node.start('w');
    t.is(node.row().held?.code, 'ON_ERROR');
    gate.resolve();
    await node.settle();
    bench.mend();
    if (restarts) await node.restart({ crashed: true });
    await node.retry();
    t.deepEqual(node.outcome().value, ['a', 'late']);
    t.deepEqual(bench.begun, ['a', 'late', 'a', 'late']);
    await node.replayAll();
  });
}

test('a retry that met other code is made up for once the right code is back', async t => {
  const bench = new Bench('a');
  const right = held(ctx => bench.step(ctx, 'a'));
  const node = new FakeNode([right]);
  await node.start('w');
  bench.mend();
  await node.restart({ workflows: [held(ctx => ctx.sleep(1))] });
  await t.throwsAsync(node.retry(), { code: 'NOT_RETRYABLE', message: /NON_DETERMINISM/ });
  await node.restart({ workflows: [workflow({ name: 'other' }, () => 1)], heals: true });
  t.is(node.row().held?.code, 'UNKNOWN_WORKFLOW');
  await node.restart({ workflows: [right], heals: true });
  t.is(node.outcome().value, 'a');
  t.is(bench.begun.length, 2);
  await node.replayAll();
});

for (const isLate of [false, true]) {
  const of = isLate ? 'an execution that is held by then' : 'an execution that it holds';
  test(`a failure at the node that had the shard, of ${of}, is kept there no longer, and the task runs here`, async t => {
    const other = 'other' as Incarnation;
    const settled: unknown[] = [];
    const bench = new Bench('a');
    const gate = Promise.withResolvers<string>();
    let isHere = false;
    const far = () => (bench.begun.push('far'), isHere ? gate.promise : new Promise(() => undefined));
    const near = isLate ? (ctx: WorkflowContext) => bench.step(ctx, 'a') : () => null;
    const node = new FakeNode([held(ctx => Promise.all([ctx.step('far', far, ONCE), near(ctx)]))], {
      attemptSettled: (at, { command, attempt }) => settled.push([at, command, attempt]),
    });
    await node.start('w');
    const { shard, eid } = node.row();
    const attempt = { eid, command: 1, attempt: 1 };
    const handedOver = Promise.withResolvers<void>();
    node.store.beforeRead = () => handedOver.promise;
    await node.restart();
    node.engine.expect(shard, [{ ...attempt, at: other }]);
    handedOver.resolve();
    await node.engine.glimpseCommitted('default', 'a');
    t.is(node.row().held !== null, isLate);
    const failed = { kind: 'failed', error: new Error('far is down'), final: false, afterMs: null, progress: null };
    await node.engine.takeOffer(shard, attempt, failed as never);
    await node.settle();
    t.is(node.row().held?.code, 'ON_ERROR');
    t.deepEqual(settled, [[other, 1, 1]]);
    isHere = true;
    bench.mend();
    await node.retry();
    t.is(await node.engine.takeOffer(shard, attempt, failed as never), 'moot', 'told late');
    gate.resolve('far');
    await node.settle();
    t.is(node.outcome().status, 'completed');
    t.is(bench.begun.filter(name => name === 'far').length, 2);
    await node.replayAll();
  });
}

test('a node that drains does not wait for failures that are told', async t => {
  const bench = new Bench('a');
  const node = new FakeNode([held(ctx => bench.step(ctx, 'a'))]);
  await node.start('w');
  t.is(node.row().held?.code, 'ON_ERROR');
  let isDrained = false;
  void node.engine.drain(node.clock.now() + 10_000).then(() => (isDrained = true));
  await node.settle();
  t.true(isDrained);
});
