import test, { type ExecutionContext } from 'ava';
import { BOUNDS } from '../bounds.ts';
import { z } from 'zod';
import { NonRetryableError, RetryAfterError } from '../definition/retry-control.ts';
import { task } from '../definition/task.ts';
import { isFailure } from '../definition/typed-failure.ts';
import { TaskError } from '../errors/task-error.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const noJitter = { jitter: 0 };

behaviour(
  'tasks begun before the first await overlap, and each call gets its own result',
  () => {
    const gate = Promise.withResolvers<void>();
    const first = task({ name: 'first' }, async () => {
      await gate.promise;
      return 1;
    });
    const second = task({ name: 'second' }, () => {
      gate.resolve();
      return 2;
    });
    return [workflow({ name: 'w' }, async ctx => Promise.all([ctx.run(first), ctx.run(second)]))];
  },
  async (t, node) => {
    await node.start('w');
    t.deepEqual(node.outcome(), { status: 'completed', value: [1, 2] });
  },
);

behaviour(
  'a failing task is tried again until it succeeds, and the wait is shown',
  () => [
    workflow({ name: 'w' }, ctx =>
      ctx.step(
        'flaky',
        s => {
          if (s.attempt < 3) throw new Error(`no ${s.attempt}`);
          return s.attempt;
        },
        { retry: noJitter },
      ),
    ),
  ],
  async (t, node) => {
    await node.start('w');
    const now = node.clock.now();
    t.deepEqual(node.engine.glimpse('default', 'a')?.waiting, [
      { kind: 'task', name: 'flaky', attempt: 2, lastError: 'Error: no 1', nextAt: now + 1_000 },
    ]);
    await node.advance(999);
    t.is(node.outcome().status, 'running');
    await node.advance(1);
    await node.advance(2_000);
    t.deepEqual(node.outcome(), { status: 'completed', value: 3 });
  },
);

behaviour(
  'after the last attempt the workflow gets a TaskError with the original as its cause',
  () => {
    class BadAddress extends Error {
      override readonly name = 'BadAddress';
    }
    const send = task({ name: 'send', retry: { maxAttempts: 2, jitter: 0 } }, (_: void, s) => {
      throw new BadAddress(`attempt ${s.attempt}`);
    });
    return [
      workflow({ name: 'w' }, async ctx => {
        try {
          await ctx.run(send);
          return 'no error';
        } catch (error) {
          if (!(error instanceof TaskError)) throw error;
          const cause = error.cause as Error;
          return [error.message, error.attempt, error.task, cause.name, cause.message];
        }
      }),
    ];
  },
  async (t, node) => {
    await node.start('w');
    await node.advance(1_000);
    t.deepEqual(node.outcome().value, ['attempt 2', 2, 'send', 'BadAddress', 'attempt 2']);
  },
);

for (const [title, error] of [
  ['NonRetryableError', () => new NonRetryableError('never')],
  ['a name in nonRetryable', () => Object.assign(new Error('never'), { name: 'Refused' })],
  [
    'a cause of a name in nonRetryable',
    () => new Error('never', { cause: Object.assign(new Error(), { name: 'Refused' }) }),
  ],
] as const) {
  behaviour(
    `${title} ends the task at its first attempt`,
    () => [
      workflow({ name: 'w' }, async ctx =>
        ctx
          .step(
            's',
            () => {
              throw error();
            },
            { retry: { nonRetryable: ['Refused'] } },
          )
          .catch((e: unknown) => (e instanceof TaskError ? [e.attempt, e.message] : 'other')),
      ),
    ],
    async (t, node) => {
      await node.start('w');
      t.deepEqual(node.outcome().value, [1, 'never']);
    },
  );
}

behaviour(
  'RetryAfterError waits as long as it says and uses up no attempt',
  () => {
    let calls = 0;
    return [
      workflow({ name: 'w' }, ctx =>
        ctx.step(
          's',
          () => {
            if (++calls === 1) throw new RetryAfterError('30s');
            return 'done';
          },
          { retry: { maxAttempts: 1 } },
        ),
      ),
    ];
  },
  async (t, node) => {
    await node.start('w');
    await node.advance(29_999);
    t.is(node.outcome().status, 'running');
    await node.advance(1);
    t.deepEqual(node.outcome(), { status: 'completed', value: 'done' });
  },
);

behaviour(
  'a typed failure is told apart, is not tried again, and keeps its data',
  () => {
    const charge = task({ name: 'charge', errors: { Declined: z.object({ left: z.number() }) } }, (_: void, s) => {
      throw s.fail('Declined', { left: 3 });
    });
    return [
      workflow({ name: 'w' }, async ctx => {
        try {
          await ctx.run(charge);
          return null;
        } catch (error) {
          return isFailure(error, charge, 'Declined') ? error.failure.data : 'other';
        }
      }),
    ];
  },
  async (t, node) => {
    await node.start('w');
    t.deepEqual(node.outcome().value, { left: 3 });
  },
);

behaviour(
  'a result that cannot be kept fails the task at once with VALIDATION',
  () => [
    workflow({ name: 'w' }, async ctx =>
      ctx
        .step('s', () => ({ f: () => 1 }))
        .then(
          () => 'kept',
          (e: unknown) => (e instanceof TaskError ? [e.code, e.attempt] : 'other'),
        ),
    ),
  ],
  async (t, node) => {
    await node.start('w');
    t.deepEqual(node.outcome().value, ['VALIDATION', 1]);
  },
);

behaviour(
  'an attempt that outlasts its timeout is aborted and tried again, then fails with TIMEOUT',
  () => [
    workflow({ name: 'w' }, async ctx => {
      const reasons: unknown[] = [];
      const failure: unknown = await ctx
        .step('slow', s => new Promise(() => s.abortSignal.throwIfAborted()), {
          timeout: '5s',
          retry: { maxAttempts: 2, jitter: 0 },
        })
        .catch((e: unknown) => e);
      reasons.push(failure instanceof TaskError && [failure.code, failure.attempt]);
      return reasons;
    }),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(5_000);
    await node.advance(1_000);
    t.is(node.outcome().status, 'running');
    await node.advance(5_000);
    t.deepEqual(node.outcome().value, [['TIMEOUT', 2]]);
  },
);

test('a body sees its abort with the reason, and nothing it does afterwards counts', async t => {
  const reasons: unknown[] = [];
  const end = Promise.withResolvers<string>();
  const node = new FakeNode([
    workflow({ name: 'w' }, ctx =>
      ctx
        .step(
          'slow',
          s => (s.abortSignal.addEventListener('abort', () => reasons.push(s.abortSignal.reason)), end.promise),
          {
            timeout: 10,
            retry: { maxAttempts: 1 },
          },
        )
        .catch(() => 'failed'),
    ),
  ]);
  await node.start('w');
  await node.advance(10);
  end.resolve('late');
  await node.settle();
  t.is((reasons[0] as { code: string }).code, 'TIMEOUT');
  t.is(node.outcome().value, 'failed');
});

test('a body that ends in time leaves no timer', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, ctx => ctx.step('s', () => 1, { timeout: 10, heartbeatTimeout: 5 })),
  ]);
  await node.start('w');
  t.is(node.engine.parts.timers.size, 1, 'only what looks after resting actors');
});

behaviour(
  'totalTimeout bounds all attempts and the waits between them',
  () => [
    workflow({ name: 'w' }, async ctx =>
      ctx
        .step(
          's',
          () => {
            throw new Error('down');
          },
          { totalTimeout: '10s', retry: { initial: '4s', factor: 1, jitter: 0 } },
        )
        .catch((e: unknown) =>
          e instanceof TaskError ? [e.code, e.attempt, (e.cause as Error).cause instanceof Error] : e,
        ),
    ),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(4_000);
    await node.advance(4_000);
    t.deepEqual(node.outcome().value, ['TIMEOUT', 3, true]);
  },
);

test('a task whose totalTimeout passed while no node was there does not begin again', async t => {
  let bodies = 0;
  const node = new FakeNode([
    workflow({ name: 'w' }, ctx =>
      ctx
        .step('s', () => (bodies++, new Promise(() => undefined)), { totalTimeout: '10s' })
        .catch((e: Error) => e.message),
    ),
  ]);
  await node.start('w');
  node.engine.kill();
  node.clock.jump(node.clock.now() + 20_000);
  await node.restart();
  await node.advance(0);
  t.is(bodies, 1);
  t.is(node.outcome().status, 'completed');
});

behaviour(
  'a missed heartbeat ends the attempt; the next one knows the last progress',
  () => [
    workflow({ name: 'w' }, ctx =>
      ctx.step(
        's',
        s => {
          if (s.attempt === 2) return s.lastProgress;
          s.heartbeat({ done: 7 });
          return new Promise(() => undefined);
        },
        { heartbeatTimeout: '3s', retry: noJitter },
      ),
    ),
  ],
  async (t, node) => {
    await node.start('w');
    await node.advance(3_000);
    await node.advance(1_000);
    t.deepEqual(node.outcome().value, { done: 7 });
  },
);

test('heartbeats keep an attempt alive', async t => {
  let beat: () => void = () => undefined;
  const end = Promise.withResolvers<string>();
  const node = new FakeNode([
    workflow({ name: 'w' }, ctx =>
      ctx.step('s', s => ((beat = () => s.heartbeat()), end.promise), { heartbeatTimeout: '3s' }),
    ),
  ]);
  await node.start('w');
  for (let i = 0; i < 5; i++) {
    await node.advance(2_000);
    beat();
  }
  end.resolve('alive');
  await node.settle();
  t.deepEqual(node.outcome(), { status: 'completed', value: 'alive' });
});

test('the idempotency key is the same for every attempt and tells commands apart', async t => {
  const keys: string[] = [];
  const flaky = task({ name: 'flaky', retry: noJitter }, (_: void, s) => {
    keys.push(s.idempotencyKey);
    if (s.attempt === 1) throw new Error('again');
  });
  const node = new FakeNode([workflow({ name: 'w' }, async ctx => (await ctx.run(flaky), await ctx.run(flaky), 0))]);
  const { runId } = await node.start('w');
  await node.advance(1_000);
  await node.advance(1_000);
  t.deepEqual(keys, [`a/${runId}/1`, `a/${runId}/1`, `a/${runId}/2`, `a/${runId}/2`]);
});

test('an attempt that its node died with counts as one', async t => {
  const attempts: number[] = [];
  const node = new FakeNode([
    workflow({ name: 'w' }, ctx =>
      ctx
        .step('s', s => (attempts.push(s.attempt), new Promise(() => undefined)), { retry: { maxAttempts: 2 } })
        .catch((e: Error) => e.message),
    ),
  ]);
  await node.start('w');
  await node.restart({ crashed: true });
  t.deepEqual(attempts, [1, 2]);
  await node.restart({ crashed: true });
  t.deepEqual(attempts, [1, 2]);
  t.regex(String(node.outcome().value), /lost: its node died/);
  t.is(await node.replayAll(), 1);
});

for (const crashed of [true, false]) {
  test(`a task of one attempt never begins twice, its node ${crashed ? 'dead' : 'stopped'} in between`, async t => {
    let bodies = 0;
    const node = new FakeNode([
      workflow({ name: 'w' }, ctx =>
        ctx
          .step('once', () => (bodies++, new Promise(() => undefined)), { retry: { maxAttempts: 1 } })
          .catch((e: Error) => e.message),
      ),
    ]);
    await node.start('w');
    t.is(bodies, 1);
    await node.restart({ crashed });
    t.is(bodies, 1);
    t.regex(String(node.outcome().value), /was lost/);
    t.is(await node.replayAll(), 1);
  });
}

test('a task of one attempt whose body had not begun when its node died runs', async t => {
  let bodies = 0;
  const node = new FakeNode([
    workflow({ name: 'w' }, ctx => ctx.step('once', () => ++bodies, { retry: { maxAttempts: 1 } })),
  ]);
  // Dies before the row that says it begins.
  node.store.beforeCommit = batch => (batch.actors[0]?.insert ? Promise.resolve() : new Promise(() => undefined));
  await node.start('w');
  t.is(bodies, 0);
  node.store.beforeCommit = null;
  await node.restart({ crashed: true });
  t.deepEqual([bodies, node.outcome().value], [1, 1]);
});

test('a task that crashed its node five times holds the execution', async t => {
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.step('deadly', () => new Promise(() => undefined)))]);
  await node.start('w');
  for (let i = 0; i < 5; i++) {
    t.is(node.row().held, null);
    await node.restart({ crashed: true });
    await node.advance(BOUNDS.suspectsGatherMs);
  }
  t.is(node.row().held?.code, 'CRASH_LOOP');
  await node.engine.retry('default', 'a');
  t.is(node.row().held, null);
});
