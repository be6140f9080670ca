import test, { type ExecutionContext } from 'ava';
import { signal } from '../definition/signal.ts';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { task } from '../definition/task.ts';
import { TaskError } from '../errors/task-error.ts';
import type { MessageId } from '../ids/ids.ts';
import { encode } from '../payload/encode.ts';
import { encodeError } from '../payload/error-payload.ts';
import { workflow } from '../workflow/workflow.ts';
import { bothWays } from './both-ways.ts';
import { FakeNode } from './fake-node.ts';

const behaviour = bothWays<ExecutionContext>((title, run) => test(title, run));
const go = signal('go');

const number: StandardSchemaV1<number, number> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: value => (typeof value === 'number' ? { value: value + 1 } : { issues: [{ message: 'no number' }] }),
  },
};

/** Never succeeds by itself. */
const hopeless = () => {
  const charge = task(
    { name: 'charge', output: number, retry: { maxAttempts: 3, initial: '1h', max: '1h', jitter: 0 } },
    (): number => {
      throw new Error('down');
    },
  );
  return workflow({ name: 'w' }, async ctx => {
    const charged = await ctx.run(charge, undefined).catch((error: unknown) => {
      if (error instanceof TaskError && error.cause instanceof Error) return [error.cause.name, error.message];
      throw error;
    });
    await ctx.waitForSignal(go);
    return charged;
  });
};

type Override = Parameters<FakeNode['engine']['overrideTask']>[2];

async function override(node: FakeNode, action: Override['action'], payload: Override['payload'] = null, command = 1) {
  await node.settle();
  if (node.readsBack) await node.restart();
  await node.engine.overrideTask('default', 'a', { command, action, payload }, node.messageId());
  await node.settle();
}

behaviour(
  'the backoff of a task is skipped, and its attempts count on',
  () => [hopeless()],
  async (t, node) => {
    await node.start('w');
    t.like(node.turns().at(-1)?.messages[0], { kind: 'task-failed', attempt: 1 });
    await override(node, 'retry-now');
    t.like(node.turns().at(-1)?.messages[0], { kind: 'task-failed', attempt: 2 });
    await override(node, 'retry-now');
    t.like(node.turns().at(-1)?.messages[0], { kind: 'task-failed', attempt: 3, retryAt: null });
    await node.signal('go');
    t.deepEqual(node.outcome().value, ['Error', 'down']);
  },
);

behaviour(
  'a result from outside is parsed and taken for the task',
  () => [hopeless()],
  async (t, node) => {
    await node.start('w');
    await t.throwsAsync(override(node, 'complete', encode('x', '')), { code: 'VALIDATION', message: /no number/ });
    await override(node, 'complete', encode(41, ''));
    await t.throwsAsync(override(node, 'complete', encode(1, '')), { code: 'NOT_FOUND', message: /None is pending/ });
    await node.signal('go');
    t.is(node.outcome().value, 42);
  },
);

behaviour(
  'a failure from outside is final',
  () => [hopeless()],
  async (t, node) => {
    await node.start('w');
    await override(node, 'fail', encodeError(new RangeError('given up')));
    await node.signal('go');
    t.deepEqual(node.outcome().value, ['RangeError', 'given up']);
  },
);

test('a body that runs is aborted, and what it comes to is nobody’s', async t => {
  const end = Promise.withResolvers<string>();
  const aborted = Promise.withResolvers<unknown>();
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      const value = await ctx.step('s', ({ abortSignal }) => {
        abortSignal.addEventListener('abort', () => aborted.resolve(abortSignal.reason));
        return end.promise;
      });
      await ctx.waitForSignal(go);
      return value;
    }),
  ]);
  await node.start('w');
  await t.throwsAsync(override(node, 'retry-now'), { code: 'NOT_RETRYABLE', message: /in hand/ });
  await override(node, 'complete', encode('given', ''));
  t.true((await aborted.promise) instanceof Error);
  end.resolve('late');
  await node.settle();
  await node.signal('go');
  t.is(node.outcome().value, 'given');
  await node.replayAll();
});

test('what is no pending task is named, with those that are', async t => {
  const node = new FakeNode([hopeless()]);
  await node.start('w');
  await t.throwsAsync(override(node, 'complete', null, 7), { code: 'NOT_FOUND', message: /1 \("charge"\)/ });
  await t.throwsAsync(
    node.engine.overrideTask('default', 'b', { command: 1, action: 'retry-now', payload: null }, node.messageId()),
    { code: 'NOT_FOUND' },
  );
  await override(node, 'complete', encode(1, ''));
  await node.signal('go');
  await t.throwsAsync(override(node, 'complete'), { code: 'CLOSED' });
});

test('sent again by a caller that did not hear it is done once', async t => {
  const node = new FakeNode([hopeless()]);
  await node.start('w');
  const send = () =>
    node.engine.overrideTask('default', 'a', { command: 1, action: 'retry-now', payload: null }, 'm' as MessageId);
  await send();
  await node.settle();
  await send();
  await node.settle();
  t.like(node.turns().at(-1)?.messages[0], { kind: 'task-failed', attempt: 2 });
});

test('a command of a run that continues as new is not taken for one of the next run', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, async (ctx, n: number) => {
      const step = ctx.step('s', () => new Promise<string>(() => undefined));
      if (n > 0) return step;
      await ctx.waitForSignal(go);
      return ctx.continueAsNew(1);
    }),
  ]);
  await node.start('w', 0);
  const override = { command: 1, action: 'complete', payload: encode('x', '') } as const;
  const calls = [
    node.engine.signal('default', 'a', 'go', encode(undefined, ''), node.messageId()),
    node.engine.overrideTask('default', 'a', override, node.messageId()),
  ];
  await node.settle();
  await calls[0];
  await t.throwsAsync(calls[1]!, { code: 'NOT_FOUND', message: /has ended/ });
  t.is(node.row().status, 'running');
});

behaviour(
  'attributes are changed from outside, and its code sees them merged with its own',
  () => [
    workflow({ name: 'w', attributes: { tier: 'keyword', amount: 'number' } }, async ctx => {
      ctx.setAttributes({ tier: 'silver', amount: 1 });
      await ctx.waitForSignal(go);
      ctx.setAttributes({ amount: 3 });
      await ctx.waitForSignal(go);
    }),
  ],
  async (t, node) => {
    await node.start('w');
    const amend = async (changes: [string, string | number | null][]) => {
      if (node.readsBack) await node.restart();
      await node.engine.amend('default', 'a', changes, node.messageId());
    };
    await amend([
      ['tier', 'gold'],
      ['amount', null],
    ]);
    t.deepEqual([...node.row().attributes!], [['tier', 'gold']]);
    await node.signal('go');
    await node.settle();
    t.deepEqual(
      [...node.row().attributes!],
      [
        ['tier', 'gold'],
        ['amount', 3],
      ],
    );
    const many = Array.from({ length: 64 }, (_, n) => [`n${n}`, n] as [string, number]);
    await t.throwsAsync(amend(many), { code: 'LIMIT_EXCEEDED' });
    await node.signal('go');
    t.deepEqual(node.row().attributes?.size, 2);
    await t.throwsAsync(amend([]), { code: 'CLOSED' });
  },
);

test('attributes of a held execution change once it goes on; a pending task of it waits until then', async t => {
  const node = new FakeNode([hopeless()]);
  await node.start('w');
  await node.restart({ workflows: [workflow({ name: 'x' }, async () => 1)] });
  t.is(node.row().held?.code, 'UNKNOWN_WORKFLOW');
  await node.engine.amend('default', 'a', [['tier', 'gold']], node.messageId());
  await t.throwsAsync(override(node, 'complete'), { code: 'UNAVAILABLE', message: /held/ });
  await node.restart({ workflows: [hopeless()], heals: true });
  t.is(node.row().attributes?.get('tier'), 'gold');
  t.is(node.store.inboxRows.size, 0);
});
