import { isFailure, NonRetryableError, RetryAfterError, signal, task, TaskError, workflow } from 'dfns';
import { z } from 'zod';
import { onEachStore } from './on-each-store.ts';

const double = task({ name: 'double' }, (n: number) => n * 2);
const basic = workflow({ name: 'basic' }, (ctx, n: number) => ctx.run(double, n));

onEachStore(
  'task-basic: a workflow runs a task and returns its result',
  { workflows: [basic] },
  async (t, { client }) => {
    t.is(await client.execute(basic, 21), 42);
  },
);

const gate = Promise.withResolvers<void>();
let running = 0;
const meet = task({ name: 'meet' }, async (n: number) => {
  if (++running === 3) gate.resolve();
  await gate.promise;
  return n;
});
const concurrent = workflow({ name: 'concurrent' }, async ctx => {
  const calls = [ctx.run(meet, 1), ctx.run(meet, 2), ctx.run(meet, 3)];
  return Promise.all(calls);
});

onEachStore(
  'task-concurrent: tasks begun before the first await overlap, and each result goes to its call',
  { workflows: [concurrent] },
  async (t, { client }) => {
    t.deepEqual(await client.execute(concurrent), [1, 2, 3]);
  },
);

const nothing = task({ name: 'nothing' }, () => undefined);
const returnsNothing = workflow({ name: 'returns-nothing' }, async ctx => {
  const result = await ctx.run(nothing);
  return [result === undefined];
});
const isVoid = workflow({ name: 'void' }, async () => {});

onEachStore(
  'task-returns-nothing, void-result: undefined is a result',
  { workflows: [returnsNothing, isVoid] },
  async (t, { client }) => {
    t.deepEqual(await client.execute(returnsNothing), [true]);
    t.is(await client.execute(isVoid), undefined);
  },
);

const ping = signal<'ping', number>('ping');
const fromHandler = workflow({ name: 'from-handler', signals: [ping] }, async ctx => {
  const answers: number[] = [];
  ctx.on(ping, async n => {
    answers.push(await ctx.run(double, n));
  });
  await ctx.condition(() => answers.length === 2);
  return answers;
});

onEachStore('task-from-handler: a signal handler runs tasks', { workflows: [fromHandler] }, async (t, { client }) => {
  const handle = await client.start(fromHandler);
  await handle.signal(ping, 1);
  await handle.signal(ping, 2);
  t.deepEqual(await handle.result(), [2, 4]);
});

const mailer = { sent: 0 };
const mail = task({ name: 'mail' }, (_: void, t) => {
  (t.deps['mailer'] as typeof mailer).sent++;
});
const dependent = workflow({ name: 'dependent' }, async ctx => {
  await ctx.run(mail);
  await ctx.run(mail);
});

onEachStore(
  'task-dependency: tasks get the deps of the node, the same ones each time',
  { workflows: [dependent], deps: { mailer } },
  async (t, { client }) => {
    const before = mailer.sent;
    await client.execute(dependent);
    t.is(mailer.sent, before + 2);
  },
);

class BadAddress extends Error {
  override name = 'BadAddress';
}

const fails = task({ name: 'fails', retry: { initial: 1 } }, (how: string, t) => {
  switch (how) {
    case 'three times':
      if (t.attempt < 3) throw new Error(`attempt ${t.attempt}`);
      return t.attempt;
    case 'not retryable':
      throw new NonRetryableError('never again');
    case 'by name':
      throw new Error('outer', { cause: new BadAddress('no such street') });
    case 'later':
      if (t.attempt < 3) throw new RetryAfterError(1);
      return t.attempt;
    default:
      throw new TypeError(`attempt ${t.attempt}`);
  }
});
const retrying = workflow({ name: 'retrying' }, async (ctx, how: string) => {
  const outcome = await ctx
    .run(fails, how, { retry: { maxAttempts: how === 'once' ? 1 : 5, nonRetryable: ['BadAddress'] } })
    .catch((error: TaskError) => error);
  if (!(outcome instanceof TaskError)) return outcome;
  const { message, attempt, cause } = outcome;
  return { message, attempt, cause: cause instanceof Error ? `${cause.name}: ${cause.message}` : undefined };
});

onEachStore('retries', { workflows: [retrying] }, async (t, { client }) => {
  const outcomeOf = (how: string) => client.execute(retrying, how);
  t.is(await outcomeOf('three times'), 3, 'retry-until-success');
  const fifth = { message: 'attempt 5', attempt: 5, cause: 'TypeError: attempt 5' };
  t.deepEqual(await outcomeOf('always'), fifth, 'retry-max-attempts');
  t.like(await outcomeOf('once'), { message: 'attempt 1', attempt: 1 }, 'at most once');
  t.like(await outcomeOf('not retryable'), { message: 'never again', attempt: 1 }, 'retry-not-retryable');
  t.like(await outcomeOf('by name'), { message: 'outer', attempt: 1 }, 'retry-non-retryable-names, in the cause chain');
  t.is(await outcomeOf('later'), 3, 'RetryAfterError uses up no attempt, and has numbers of its own');
});

const declines = task({ name: 'declines', errors: { CardDeclined: z.object({ why: z.string() }) } }, (_: void, t) => {
  throw t.fail('CardDeclined', { why: 'expired' });
});
const declined = workflow({ name: 'declined' }, async ctx => {
  try {
    await ctx.run(declines);
    return 'charged';
  } catch (error) {
    if (isFailure(error, declines, 'CardDeclined')) return error.failure.data.why;
    throw error;
  }
});

onEachStore('a typed failure is told apart, with its data', { workflows: [declined] }, async (t, { client }) => {
  t.is(await client.execute(declined), 'expired');
});

const mixed = workflow({ name: 'mixed' }, async ctx => {
  const [good, bad] = await Promise.allSettled([ctx.run(double, 1), ctx.run(fails, 'not retryable')]);
  return [good.status, bad.status];
});

onEachStore('retry-mixed: concurrent tasks settle each by itself', { workflows: [mixed] }, async (t, { client }) => {
  t.deepEqual(await client.execute(mixed), ['fulfilled', 'rejected']);
});

const slow = task({ name: 'slow', timeout: 20, retry: { maxAttempts: 2, initial: 1 } }, (_: void, t) => {
  return new Promise<never>((_, reject) => t.abortSignal.addEventListener('abort', () => reject(new Error('aborted'))));
});
const beating = task({ name: 'beating', heartbeatTimeout: 20, retry: { initial: 1 } }, async (_: void, t) => {
  if (t.attempt > 1) return t.lastProgress;
  t.heartbeat({ rows: 7 });
  return new Promise<never>(() => undefined);
});
const timed = workflow({ name: 'timed' }, async ctx => {
  const code = await ctx.run(slow).catch((error: TaskError) => error.code);
  return { code, progress: await ctx.run(beating) };
});

onEachStore(
  'timeout-attempt, heartbeat-missed, heartbeat-details: a late attempt is aborted and tried again',
  { workflows: [timed] },
  async (t, { client }) => {
    t.deepEqual(await client.execute(timed), { code: 'TIMEOUT', progress: { rows: 7 } });
  },
);
