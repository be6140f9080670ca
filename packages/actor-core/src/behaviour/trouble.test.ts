import test from 'ava';
import type { MessageId } from '../ids/ids.ts';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import type { CommitBatch } from '../ports/store/commit.ts';
import { OutcomeUnknownError, StoreRefusedError } from '../ports/store/commit.ts';
import { encode } from '../payload/encode.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal<'go', number>('go');
const add = update<'add', number, number>('add');
const sum = query<'sum', void, number>('sum');
const sums = () =>
  workflow({ name: 'w', updates: [add], queries: [sum] }, async ctx => {
    let total = 0;
    ctx.on(sum, () => total);
    ctx.on(add, async n => {
      await ctx.sleep(n);
      return n;
    });
    while (total < 10) total += await ctx.waitForSignal(go);
    return total;
  });

for (const Failure of [StoreRefusedError, OutcomeUnknownError]) {
  for (const lands of Failure === OutcomeUnknownError ? [true, false] : [false]) {
    test(`a commit that ends in ${Failure.name}${lands ? ', and landed,' : ''} is sent again as it is; nothing of it leaves before, and later work waits`, async t => {
      const bodies: string[] = [];
      const node = new FakeNode([
        workflow({ name: 'w' }, async ctx => {
          await ctx.waitForSignal(go);
          return ctx.step('s', () => bodies.push('s'));
        }),
      ]);
      await node.start('w');
      await node.start('w', undefined, { id: 'b' });
      const tried: CommitBatch[] = [];
      // What is refused more often is taken apart.
      const failures = Failure === StoreRefusedError ? 2 : 3;
      node.store.beforeCommit = async (batch, land) => {
        tried.push(batch);
        if (tried.length > failures) return;
        if (lands) land();
        throw new Failure('down');
      };
      const told: string[] = [];
      const first = node.engine
        .signal('default', 'a', 'go', encode(1, ''), node.messageId())
        .then(() => told.push('a'));
      await node.settle();
      const second = node.engine
        .signal('default', 'b', 'go', encode(1, ''), node.messageId())
        .then(() => told.push('b'));
      await node.settle();
      t.deepEqual([told, bodies], [[], []]);
      await node.clock.advance(1_000);
      await Promise.all([first, second]);
      t.deepEqual(told, ['a', 'b']);
      t.is(new Set(tried.slice(0, failures + 1).map(batch => batch.commitId)).size, 1);
      t.deepEqual(tried[0], tried[failures]);
      t.deepEqual(bodies, ['s', 's']);
      await node.replayAll();
    });
  }
}

test('history that differs from memory is read anew: callers are answered, messages taken once', async t => {
  const node = new FakeNode([sums()]);
  const { eid } = await node.start('w');
  await node.signal('go', 1);
  // Another owner wrote a turn that this one never saw.
  const { journal } = node.store.runs.get(eid)!;
  journal.push({ seq: 3, turn: journal[1]!.turn, commitId: 'other' });
  const result = node.engine.result('default', 'a');
  await node.signal('go', 3);
  t.is(Number(node.store.epoch), 2);
  t.is(await node.query('sum'), 5);
  await node.signal('go', 5);
  t.is((await result).status, 'completed');
  await node.replayAll();
});

test('messages that come during a resync are taken after it, while other work keeps the store busy', async t => {
  const node = new FakeNode([sums()]);
  const { eid } = await node.start('w');
  const gate = Promise.withResolvers<void>();
  const resync = node.store.resync.bind(node.store);
  node.store.resync = async (shard, epoch) => {
    await gate.promise;
    return resync(shard, epoch);
  };
  const stored = node.store.runs.get(eid)!;
  stored.journal.push({ seq: 2, turn: await turnOfZero(), commitId: 'other' });
  const sent = [3, 4].map(n => node.engine.signal('default', 'a', 'go', encode(n, ''), node.messageId()));
  await node.settle();
  sent.push(node.engine.signal('default', 'a', 'go', encode(3, ''), node.messageId()));
  await node.settle();
  gate.resolve();
  await Promise.all(sent);
  t.deepEqual(node.outcome(), { status: 'completed', value: 10 });
  t.is(Number(node.store.epoch), 2);
});

/** A turn that takes a signal of 0. */
async function turnOfZero(): Promise<Uint8Array> {
  const other = new FakeNode([sums()]);
  await other.start('w');
  await other.signal('go', 0, { messageId: 'of another node' as MessageId });
  return other.journalBytes()[1]!;
}

test('a node that lost its shard tells everybody who waits, and starts nothing more', async t => {
  const node = new FakeNode([sums()]);
  await node.start('w');
  const result = node.engine.result('default', 'a');
  const { outcome } = await node.sendUpdate('add', 1_000);
  node.store.epoch = 9 as typeof node.store.epoch;
  const signalled = node.engine.signal('default', 'a', 'go', encode(1, ''), node.messageId());
  for (const call of [result, outcome, signalled]) await t.throwsAsync(call, { code: 'UNAVAILABLE' });
  await t.throwsAsync(node.start('w', undefined, { id: 'b' }), { code: 'UNAVAILABLE' });
  t.is(node.engine.parts.residents.size, 0);
});

test('a node that is killed tells everybody who waits', async t => {
  const node = new FakeNode([sums()]);
  await node.start('w');
  const result = node.engine.result('default', 'a');
  const { outcome } = await node.sendUpdate('add', 1_000);
  node.store.beforeCommit = () => new Promise(() => undefined);
  const start = node.start('w', undefined, { id: 'b' });
  const signalled = node.engine.signal('default', 'a', 'go', encode(1, ''), node.messageId());
  await node.settle();
  const asked = node.query('sum');
  await node.settle();
  node.engine.kill();
  for (const call of [result, outcome, start, signalled, asked]) {
    await t.throwsAsync(call, { code: 'UNAVAILABLE' });
  }
});

test('a store that cannot be read makes callers UNAVAILABLE, and the execution goes on when it is back', async t => {
  const node = new FakeNode([workflow({ name: 'w', queries: [sum] }, ctx => ctx.sleep(100).then(() => 'slept'))]);
  await node.start('w');
  node.store.beforeRead = async () => {
    throw new StoreRefusedError('away');
  };
  await node.restart();
  const asked = node.engine.query('default', 'a', 'sum', encode(undefined, ''));
  asked.catch(() => undefined);
  await node.clock.advance(1_000);
  await t.throwsAsync(asked, { code: 'UNAVAILABLE' });
  node.store.beforeRead = null;
  await node.clock.advance(10_000);
  t.is(node.outcome().value, 'slept');
});

test('idle actors leave memory and come back for a timer, a signal and a query', async t => {
  const node = new FakeNode([sums(), workflow({ name: 'sleeps' }, ctx => ctx.sleep('1h').then(() => 'slept'))], {
    passivateAfterMs: 5_000,
  });
  await node.start('w');
  await node.start('sleeps', undefined, { id: 'b' });
  await node.clock.advance(5_000);
  t.is(node.engine.parts.residents.size, 0);
  t.deepEqual(node.row('b').wakeAt, node.clock.now() + 3_595_000);
  await node.signal('go', 4);
  t.is(await node.query('sum'), 4);
  await node.clock.advance(3_600_000);
  t.is(node.outcome('b').value, 'slept');
  t.is(node.engine.parts.residents.size, 0);
});

test('with more actors than there is room for the longest idle leave', async t => {
  const node = new FakeNode([sums()], { residents: 2 });
  for (const id of ['a', 'b', 'c', 'd']) await node.start('w', undefined, { id });
  await node.settle();
  t.deepEqual(
    ['a', 'b', 'c', 'd'].filter(id => node.engine.glimpse('default', id)),
    ['c', 'd'],
  );
});

test('an actor with a body in hand stays, for nothing else would bring the outcome', async t => {
  const end = Promise.withResolvers<string>();
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.step('s', () => end.promise))], {
    passivateAfterMs: 1_000,
  });
  await node.start('w');
  await node.clock.advance(10_000);
  t.is(node.row().wakeAt, 0);
  end.resolve('done');
  await node.settle();
  t.is(node.outcome().value, 'done');
});

test('after its last step an execution need not be looked at any more: its row says so once it rests', async t => {
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => (await ctx.step('s', () => 1), await ctx.waitForSignal(go))),
  ]);
  await node.start('w');
  t.is(node.row().wakeAt, 0);
  await node.clock.advance(10_000);
  t.is(node.row().wakeAt, null);
  t.deepEqual(node.row().waiting, [{ kind: 'signal', name: 'go' }]);
});

test('bodies in hand are adopted by the actor that is read back', async t => {
  let bodies = 0;
  const end = Promise.withResolvers<string>();
  const node = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      const step = ctx.step('s', () => (bodies++, end.promise));
      await ctx.waitForSignal(go);
      return step;
    }),
  ]);
  const { eid } = await node.start('w');
  const { journal } = node.store.runs.get(eid)!;
  const other = new FakeNode([
    workflow({ name: 'w' }, async ctx => {
      void ctx.step('s', () => new Promise(() => undefined));
      await ctx.waitForSignal(go);
      await new Promise(() => undefined);
    }),
  ]);
  await other.start('w');
  await other.signal('go', 1);
  journal.push({ seq: 2, turn: other.journalBytes()[1]!, commitId: 'other' });
  end.resolve('done');
  await node.settle();
  t.is(Number(node.store.epoch), 2);
  t.is(bodies, 1);
  t.is(node.outcome().value, 'done');
});

test('a full mailbox refuses calls and takes completions', async t => {
  const end = Promise.withResolvers<string>();
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.step('s', () => end.promise))]);
  await node.start('w');
  node.store.beforeCommit = () =>
    new Promise(resolve => void node.clock.setTimer(node.clock.now() + 1, () => resolve(0)));
  const calls = Array.from({ length: 10_002 }, () =>
    node.engine.signal('default', 'a', 'go', encode(1, ''), node.messageId()).catch((e: { code: string }) => e.code),
  );
  end.resolve('done');
  for (let i = 0; i < 20; i++) await node.clock.advance(1);
  const codes = await Promise.all(calls);
  t.deepEqual(new Set(codes.filter(Boolean)), new Set(['OVERLOADED']));
  t.is(node.outcome().value, 'done');
});

test('an actor that is read back after a long quiet stays as long as any other', async t => {
  const waits = workflow({ name: 'w' }, async ctx => {
    ctx.on(query<'there', void, boolean>('there'), () => true);
    await ctx.waitForSignal(signal('go'));
  });
  const node = new FakeNode([waits], { passivateAfterMs: 5_000 });
  await node.start('w');
  await node.advance(6_000);
  t.is(node.engine.glimpse('default', 'a'), undefined);
  await node.advance(3_600_000);

  t.true(await node.query('there'));
  await node.advance(4_000);
  t.truthy(node.engine.glimpse('default', 'a'));
  await node.advance(2_000);
  t.is(node.engine.glimpse('default', 'a'), undefined);
});
