import test from 'ava';
import { DfnsError } from '../errors/dfns-error.ts';
import type { WorkflowContext } from '../context/workflow-context.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

/** Polls for ever, whatever happens: as nobody should, and many do. */
async function poll(ctx: WorkflowContext, each: () => Promise<unknown>, caught: (error: unknown) => void) {
  for (;;) {
    try {
      await each();
      await ctx.sleep('1m');
    } catch (error) {
      caught(error);
    }
  }
}

const quick = workflow({ name: 'quick' }, async ctx => {
  await ctx.sleep(1);
  return 'done';
});

async function serves(node: FakeNode): Promise<unknown> {
  await node.start('quick', undefined, { id: 'beside' });
  await node.advance(1);
  return node.outcome('beside').value;
}

test('a loop that swallows its cancellation is held, and the node serves on', async t => {
  let calls = 0;
  const polling = workflow({ name: 'polling' }, ctx =>
    poll(
      ctx,
      () => ctx.step('look', () => 1),
      () => calls++,
    ),
  );
  const node = new FakeNode([polling, quick]);
  await node.start('polling');
  const cancelled = node.cancel();
  await node.settle();
  await cancelled.catch(() => undefined);
  t.is(node.row().held?.code, 'LIMIT_EXCEEDED');
  t.regex(node.row().held?.message ?? '', /CancelledError/);
  t.is(calls, 10_001);
  t.is(await serves(node), 'done');
});

test('one that swallows an error now and then may be cancelled as often as it has calls', async t => {
  const patient = workflow({ name: 'patient' }, async ctx => {
    for (let tries = 0; tries < 100; tries++) {
      try {
        await ctx.sleep('1h');
      } catch (error) {
        if (!(error instanceof DfnsError)) throw error;
      }
    }
    return 'enough';
  });
  const node = new FakeNode([patient]);
  await node.start('patient');
  await node.cancel();
  t.is(node.outcome().value, 'enough');
});

test('code that differs from its history is held even where it swallows every error in a loop', async t => {
  const caught: unknown[] = [];
  const was = workflow({ name: 'polling' }, ctx =>
    poll(
      ctx,
      () => ctx.step('was', () => 1),
      () => undefined,
    ),
  );
  const is = workflow({ name: 'polling' }, ctx =>
    poll(
      ctx,
      () => ctx.step('is', () => 1),
      error => caught.push(error),
    ),
  );
  const node = new FakeNode([was, quick]);
  await node.start('polling');
  await node.restart({ workflows: [is, quick] });
  await node.advance(60_000);
  t.is(node.row().held?.code, 'NON_DETERMINISM');
  t.deepEqual(caught, []);
  t.is(await serves(node), 'done');
});

test('a loop that a foreign promise resumed, and that swallows every error, is held', async t => {
  let foreign!: () => void;
  const waits = workflow({ name: 'waits' }, async ctx => {
    await new Promise<void>(resolve => (foreign = resolve));
    await poll(
      ctx,
      () => ctx.step('look', () => 1),
      () => undefined,
    );
  });
  const node = new FakeNode([waits, quick]);
  await node.start('waits');
  foreign();
  await node.settle();
  t.is(node.row().held?.code, 'NON_DETERMINISM');
  t.is(await serves(node), 'done');
});

test('a loop that begins when the workflow has returned is held, not left running', async t => {
  const leaves = workflow({ name: 'leaves' }, ctx => {
    const loop = async () => {
      for (let later = 0; later < 10; later++) await Promise.resolve();
      await poll(
        ctx,
        () => ctx.step('look', () => 1),
        () => undefined,
      );
    };
    void loop();
    return 'returned';
  });
  const node = new FakeNode([leaves, quick]);
  await node.start('leaves');
  t.is(node.row().held?.code, 'LIMIT_EXCEEDED');
  t.is(await serves(node), 'done');
});
