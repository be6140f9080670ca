import test, { type ExecutionContext } from 'ava';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { NonRetryableError } from '../definition/retry-control.ts';
import { task } from '../definition/task.ts';
import { update } from '../definition/update.ts';
import { answerQuery, sideInstance } from '../engine/query.ts';
import { decode } from '../payload/decode.ts';
import { encode } from '../payload/encode.ts';
import { OutcomeUnknownError } from '../ports/store/commit.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const go = signal<'go', number>('go');
const add = update<'add', number, number>('add');
const seen = query<'seen', void, readonly unknown[]>('seen');

/** Fails as long as it is told to, and remembers who called it. */
class World {
  broken = true;
  readonly calls: string[] = [];

  call(name: string): string {
    this.calls.push(name);
    return name;
  }

  fail(name: string): string {
    this.call(name);
    if (this.broken) throw new NonRetryableError(`${name} is broken`);
    return name;
  }
}

for (const cleanUp of [false, true]) {
  for (const readsBack of [false, true]) {
    const how = `${cleanUp ? ', though its code cleaned up' : ''}${readsBack ? ' (read back)' : ''}`;
    test(`a failed task is done again, what was done before it is not${how}`, async t => {
      const world = new World();
      const keys: string[] = [];
      const charge = task({ name: 'charge' }, (_: number, { idempotencyKey }) => {
        keys.push(idempotencyKey);
        return world.fail('charge');
      });
      const node = new FakeNode([
        workflow({ name: 'w' }, async ctx => {
          const one = await ctx.step('one', () => world.call('one'));
          let two;
          try {
            two = await ctx.run(charge, 1);
          } catch (error) {
            if (cleanUp) await ctx.step('notify', () => world.call('notify'));
            throw error;
          }
          return [one, two, await ctx.step('three', task => keys.push(task.idempotencyKey) && world.call('three'))];
        }),
      ]);
      node.readsBack = readsBack;
      const { runId } = await node.start('w');
      t.like(node.outcome(), { status: 'failed' });
      const before = node.row().eid;
      world.broken = false;
      const next = await node.retry();
      t.deepEqual(node.outcome(), { status: 'completed', value: ['one', 'charge', 'three'] });
      t.deepEqual(world.calls, ['one', 'charge', ...(cleanUp ? ['notify'] : []), 'charge', 'three']);
      t.deepEqual(keys, [`a/${runId}/2`, `a/${runId}/2`, `a/${next}/3`]);
      t.not(next, runId);
      t.is(node.store.runs.get(before)?.run.status, 'failed');
      t.is(node.row().first, before);
      await node.replayAll();
    });
  }
}

behaviour(
  'the retried task has all its attempts again',
  () => {
    let calls = 0;
    return [
      workflow({ name: 'w' }, ctx =>
        ctx.step(
          's',
          t => {
            if (++calls < 4) throw new Error(`call ${calls}`);
            return [calls, t.attempt];
          },
          { retry: { maxAttempts: 2, initial: 1_000, jitter: 0 } },
        ),
      ),
    ];
  },
  async (t, node) => {
    await node.start('w');
    await node.advance(1_000);
    t.like(node.outcome(), { status: 'failed' });
    await node.retry();
    t.is(node.row().status, 'running');
    await node.advance(1_000);
    t.deepEqual(node.outcome().value, [4, 3]);
  },
);

for (const first of ['good', 'bad'] as const) {
  test(`what came in the turn of the failure is kept, where ${first} came first`, async t => {
    const world = new World();
    const ends = { good: Promise.withResolvers<void>(), bad: Promise.withResolvers<void>() };
    const node = new FakeNode([
      workflow({ name: 'w' }, async ctx => {
        const good = ctx.step('good', () => ends.good.promise.then(() => world.call('good')));
        const bad = ctx.step('bad', () => ends.bad.promise.then(() => world.fail('bad')));
        const then = good.then(() => ctx.step('then', () => world.call('then')));
        const settled = await Promise.allSettled([bad, good]);
        for (const each of settled) if (each.status === 'rejected') throw each.reason;
        return [await bad, await good, await then];
      }),
    ]);
    await node.start('w');
    ends[first].resolve();
    ends[first === 'good' ? 'bad' : 'good'].resolve();
    await node.settle();
    t.is(node.row().status, 'failed');
    t.is(node.turns().length, 2);
    world.broken = false;
    await node.retry();
    t.deepEqual(node.outcome().value, ['bad', 'good', 'then']);
    t.is(world.calls.filter(call => call === 'good').length, 1);
    await node.replayAll();
  });
}

test('code that threw goes on from what it was given last, once it is mended', async t => {
  const world = new World();
  const made = (mended: boolean) =>
    workflow({ name: 'w', queries: [seen] }, async ctx => {
      const one = await ctx.step('one', () => world.call('one'));
      const n = await ctx.waitForSignal(go);
      const two = await ctx.step('two', () => world.call('two'));
      if (!mended) throw new TypeError('a bug');
      return [one, n, two, await ctx.step('three', () => world.call('three'))];
    });
  const node = new FakeNode([made(false)]);
  await node.start('w');
  await node.signal('go', 7);
  t.is(node.row().status, 'failed');
  await t.notThrowsAsync(node.retry());
  t.is(node.row().status, 'failed', 'not mended: it throws again');
  await node.restart({ workflows: [made(true)] });
  await node.retry();
  t.deepEqual(node.outcome().value, ['one', 7, 'two', 'three']);
  t.deepEqual(world.calls, ['one', 'two', 'three']);
});

test('code that threw at its start begins again', async t => {
  const made = (mended: boolean) =>
    workflow({ name: 'w', attributes: { tier: 'keyword' } }, async (ctx, n: number) => {
      if (!mended) throw new Error('a bug');
      return ctx.step('s', () => n + 1);
    });
  const node = new FakeNode([made(false)]);
  await node.start('w', 1, { attributes: new Map([['tier', 'gold']]) });
  await node.restart({ workflows: [made(true)] });
  await node.retry();
  t.deepEqual(node.outcome(), { status: 'completed', value: 2 });
  t.is(node.row().attributes?.get('tier'), 'gold');
});

const mailbox = (world: World) =>
  workflow({ name: 'w', updates: [add], queries: [seen] }, async ctx => {
    const got: number[] = [];
    ctx.on(seen, () => got);
    ctx.on(add, n => got.push(n));
    got.push(await ctx.waitForSignal(go));
    try {
      await ctx.step('bad', () => world.fail('bad'));
    } catch (error) {
      await ctx.waitForSignal(signal('cleaned'));
      throw error;
    }
    for (let i = 0; i < 2; i++) got.push(await ctx.waitForSignal(go));
    return got;
  });

test('what others sent after the failure is given again, in order, and taken once', async t => {
  const world = new World();
  const node = new FakeNode([mailbox(world)]);
  await node.start('w');
  const ids = [node.messageId(), node.messageId()] as const;
  await node.signal('go', 1);
  await node.signal('go', 2, { messageId: ids[0] });
  await node.update('add', 10, { messageId: ids[1] });
  await node.signal('go', 3);
  await node.signal('cleaned');
  t.is(node.row().status, 'failed');
  world.broken = false;
  await node.retry();
  await node.signal('go', 2, { messageId: ids[0] });
  t.is(await node.engine.updateOutcome('default', 'a', ids[1]).then(outcome => outcome.byteLength > 0), true);
  t.deepEqual(node.outcome().value, [1, 10, 2, 3]);
  t.is(node.store.inboxRows.size, 0);
  await node.replayAll();
});

test('from the start everything is done again, and what others sent is given again', async t => {
  const world = new World();
  const node = new FakeNode([mailbox(world)]);
  const { runId } = await node.start('w');
  for (const n of [1, 2]) await node.signal('go', n);
  await node.signal('cleaned');
  world.broken = false;
  t.not(await node.retry('start'), runId);
  t.deepEqual(await node.query('seen'), [1, 2]);
  await node.signal('go', 3);
  t.deepEqual(node.outcome().value, [1, 2, 3]);
  t.deepEqual(world.calls, ['bad', 'bad']);
  await node.replayAll();
});

behaviour(
  'one that timed out has its time again',
  () => [
    workflow({ name: 'w', timeout: 10_000 }, async ctx => {
      try {
        return await ctx.waitForSignal(go);
      } finally {
        await ctx.shielded(inner => inner.step('clean', () => 1));
      }
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(10_000);
    t.is(node.row().status, 'timed-out');
    await node.retry();
    t.is(node.row().status, 'running');
    t.is(node.row().deadline, node.clock.now() + 10_000);
    await node.advance(9_000);
    await node.signal('go', 5);
    t.deepEqual(node.outcome(), { status: 'completed', value: 5 });
  },
);

behaviour(
  'one that was terminated goes on, its timers due when they were',
  () => [workflow({ name: 'w' }, ctx => ctx.sleep(10_000).then(() => ctx.now()))],
  async (t, node) => {
    await node.start('w');
    const due = node.clock.now() + 10_000;
    await node.advance(4_000);
    await node.terminate('by mistake');
    await node.retry();
    await node.advance(5_999);
    t.is(node.row().status, 'running');
    await node.advance(1);
    t.deepEqual(node.outcome(), { status: 'completed', value: due });
  },
);

behaviour(
  'random numbers and the run id are those of the run that asked, then of the next one',
  () => {
    let broken = 2;
    return [
      workflow({ name: 'w', queries: [seen] }, async ctx => {
        const all: unknown[] = [];
        ctx.on(seen, () => all);
        const look = () => all.push([ctx.info.runId, ctx.uuid()]);
        look();
        await ctx.step('bad', () => {
          if (broken-- > 0) throw new NonRetryableError('bad');
        });
        look();
        await ctx.waitForSignal(go);
        return 'done';
      }),
    ];
  },
  async (t, node) => {
    const { runId } = await node.start('w');
    const [[first]] = (await node.query('seen')) as [[string, string]];
    const [before] = (await node.query('seen')) as [string, string][];
    t.is(first, runId);
    const second = await node.retry();
    t.is(node.row().status, 'failed');
    const third = await node.retry();
    t.is(new Set([runId, second, third]).size, 3);
    const [one, two] = (await node.query('seen')) as [string, string][];
    t.deepEqual(one, before);
    t.is(two![0], third);
    t.not(two![1], one![1]);
    await node.signal('go', 1);
    t.is(node.outcome().value, 'done');
  },
);

test('a run that goes on from another one answers as itself, also before its first turn', async t => {
  let broken = true;
  const node = new FakeNode([
    workflow({ name: 'w', queries: [seen] }, async ctx => {
      ctx.on(seen, () => [ctx.info.runId]);
      await ctx.step('bad', () => {
        if (broken) throw new NonRetryableError('bad');
      });
      await ctx.waitForSignal(go);
    }),
  ]);
  const { runId } = await node.start('w');
  broken = false;
  const next = await node.retry();
  const { eid } = node.row();
  // As the store has it when the retry is stored, and nothing more.
  node.store.runs.get(eid)!.journal = [];
  const { options } = node.engine.parts;
  const ask = async (upTo?: number) => {
    const { coroutine, workflow: code } = await sideInstance(options, eid, upTo);
    return decode(answerQuery(coroutine, code, 'seen', encode(undefined, 'input')));
  };
  t.deepEqual(await ask(), [next]);
  t.deepEqual(await ask(1), [runId]);
});

test('a signal to another execution that is sent is not sent again', async t => {
  let broken = true;
  const node = new FakeNode([
    mailbox(new World()),
    workflow({ name: 'sender' }, async ctx => {
      await ctx.execution('a').signal(go, 1);
      if (broken) throw new Error('a bug');
      await ctx.execution('a').signal(go, 2);
    }),
    workflow({ name: 'counts', queries: [seen] }, async ctx => {
      const got: number[] = [];
      ctx.on(seen, () => got);
      for await (const n of ctx.signals(go)) got.push(n);
    }),
  ]);
  await node.start('counts');
  await node.start('sender', undefined, { id: 'b' });
  t.is(node.row('b').status, 'failed');
  broken = false;
  await node.retry('failure', 'b');
  t.is(node.row('b').status, 'completed');
  await node.restart();
  t.deepEqual(await node.query('seen'), [1, 2]);
});

test('only what failed, timed out or was terminated is retried', async t => {
  const world = new World();
  world.broken = false;
  const node = new FakeNode([mailbox(world)]);
  await t.throwsAsync(node.retry(), { code: 'NOT_FOUND' });
  await node.start('w');
  await t.throwsAsync(node.retry(), { code: 'NOT_RETRYABLE', message: /has not ended/ });
  await t.throwsAsync(node.retry('start'), { code: 'NOT_RETRYABLE' });
  for (const n of [1, 2, 3]) await node.signal('go', n);
  await t.throwsAsync(node.retry(), { code: 'NOT_RETRYABLE', message: /completed/ });
  await node.start('w');
  await node.cancel();
  await t.throwsAsync(node.retry('start'), { code: 'NOT_RETRYABLE', message: /cancelled/ });
});

test('of two retries at once one is done', async t => {
  const world = new World();
  const node = new FakeNode([mailbox(world)]);
  await node.start('w');
  await node.terminate();
  const both = await Promise.allSettled([node.engine.retry('default', 'a'), node.engine.retry('default', 'a')]);
  t.deepEqual(both.map(each => each.status).sort(), ['fulfilled', 'rejected']);
  t.is(node.store.runs.size, 2);
  await node.settle();
  t.is(node.row().status, 'running');
});

test('code that does not do what is kept is refused, and nothing has changed', async t => {
  const made = (name: string) =>
    workflow({ name: 'w' }, async ctx => {
      await ctx.step(name, () => 1);
      await ctx.step('bad', () => {
        throw new NonRetryableError('bad');
      });
    });
  const node = new FakeNode([made('one')]);
  await node.start('w');
  await node.restart({ workflows: [made('other')] });
  await t.throwsAsync(node.retry(), { code: 'NON_DETERMINISM' });
  await node.restart({ workflows: [workflow({ name: 'x' }, async () => 1)] });
  await t.throwsAsync(node.retry(), { code: 'UNKNOWN_WORKFLOW' });
  t.is(node.row().status, 'failed');
  t.is(node.store.runs.size, 1);
  t.is(node.store.inboxRows.size, 0);
});

for (const lands of [true, false]) {
  test(`a node that dies ${lands ? 'after' : 'before'} the retry lands leaves the execution ${lands ? 'retried' : 'failed'}`, async t => {
    const world = new World();
    const node = new FakeNode([mailbox(world)]);
    await node.start('w');
    await node.signal('go', 1);
    await node.signal('cleaned');
    world.broken = false;
    node.store.beforeCommit = async (_batch, land) => {
      if (lands) land();
      await new Promise(() => undefined);
    };
    node.engine.retry('default', 'a').catch(() => undefined);
    await node.settle();
    node.store.beforeCommit = null;
    await node.restart({ crashed: true });
    t.is(node.row().status, lands ? 'running' : 'failed');
    if (!lands) await node.retry();
    for (const n of [2, 3]) await node.signal('go', n);
    t.deepEqual(node.outcome().value, [1, 2, 3]);
    t.deepEqual(world.calls, ['bad', 'bad']);
    await node.replayAll();
  });
}

test('a retry whose outcome comes late is one retry', async t => {
  const world = new World();
  const node = new FakeNode([mailbox(world)]);
  await node.start('w');
  await node.terminate();
  let tries = 0;
  node.store.beforeCommit = async (_batch, land) => {
    if (tries++ > 0) return;
    land();
    throw new OutcomeUnknownError('late');
  };
  const retried = node.engine.retry('default', 'a');
  await node.settle();
  await node.clock.advance(1_000);
  await retried;
  await node.settle();
  t.is(node.store.runs.size, 2);
  t.is(node.row().status, 'running');
});

test('a call that comes while it is retried waits for the new run', async t => {
  const world = new World();
  world.broken = false;
  const node = new FakeNode([mailbox(world)]);
  await node.start('w');
  await node.terminate();
  const retried = node.engine.retry('default', 'a');
  const signalled = node.signal('go', 1);
  await Promise.all([retried, signalled]);
  t.deepEqual(await node.query('seen'), [1]);
  const result = node.engine.result('default', 'a');
  for (const n of [2, 3]) await node.signal('go', n);
  t.is((await result).status, 'completed');
});

test('of a chain that continued as new the last run is retried', async t => {
  let broken = true;
  const node = new FakeNode([
    workflow({ name: 'w' }, async (ctx, n: number): Promise<unknown> => {
      if (n < 3) return ctx.continueAsNew(n + 1);
      return ctx.step('s', () => {
        if (broken) throw new NonRetryableError('bad');
        return n;
      });
    }),
  ]);
  await node.start('w', 1);
  broken = false;
  await node.retry();
  t.deepEqual(node.outcome().value, 3);
  await node.replayAll();
});
