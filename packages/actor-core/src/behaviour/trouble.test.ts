import test from 'ava';
import type { MessageId } from '../ids/ids.ts';
import { query } from '../definition/query.ts';
import { signal } from '../definition/signal.ts';
import { update } from '../definition/update.ts';
import type { CommitBatch } from '../ports/store/commit.ts';
import { OutcomeUnknownError, StoreRefusedError } from '../ports/store/commit.ts';
import { encodeMessage } from '../journal/record.ts';
import { encode } from '../payload/encode.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
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
      node.store.beforeCommit = async (batch, land) => {
        tried.push(batch);
        if (tried.length > 3) return;
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
      t.is(new Set(tried.slice(0, 4).map(batch => batch.commitId)).size, 1);
      t.deepEqual(tried[0], tried[3]);
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

const waits = (name: string) =>
  workflow({ name }, async ctx => {
    for (;;) await ctx.waitForSignal(go);
  });

/** As if another owner had written a turn of "c": its next one here is refused, and the shard read anew. */
async function givenConflict(node: FakeNode): Promise<void> {
  const { eid } = await node.start('c', undefined, { id: 'c' });
  await node.signal('go', 1, { id: 'c' });
  const { journal } = node.store.runs.get(eid)!;
  journal.push({ seq: 3, turn: journal[1]!.turn, commitId: 'other' });
}

test('an execution that is started during a resync begins after it', async t => {
  const node = new FakeNode([waits('c'), workflow({ name: 'w' }, ctx => ctx.step('s', () => 7))]);
  await givenConflict(node);
  const gate = Promise.withResolvers<void>();
  const resync = node.store.resync.bind(node.store);
  node.store.resync = (shard, epoch) => gate.promise.then(() => resync(shard, epoch));
  const signalled = node.engine.signal('default', 'c', 'go', encode(1, ''), node.messageId());
  await node.settle();
  const started = node.start('w');
  await node.settle();
  gate.resolve();
  await Promise.all([signalled, started]);
  await node.settle();
  t.is(node.outcome().value, 7);
});

test('a start during a resync that ends with the shard being lost is told', async t => {
  const node = new FakeNode([waits('c'), waits('w')]);
  await givenConflict(node);
  const gate = Promise.withResolvers<void>();
  node.store.resync = () => gate.promise.then(() => undefined);
  const signalled = node.engine.signal('default', 'c', 'go', encode(1, ''), node.messageId());
  await node.settle();
  const started = node.start('w');
  await node.settle();
  gate.resolve();
  for (const call of [signalled, started]) await t.throwsAsync(call, { code: 'UNAVAILABLE' });
  t.is(node.engine.parts.residents.size, 0);
});

test('a signal between executions arrives although its sender was dropped while it became durable', async t => {
  const node = new FakeNode(
    [
      waits('c'),
      workflow({ name: 'asleep' }, ctx => ctx.waitForSignal(go)),
      workflow({ name: 'sends' }, async ctx => {
        await ctx.waitForSignal(go);
        await ctx.execution('b').signal(go, 7);
        await ctx.waitForSignal(go);
      }),
    ],
    { passivateAfterMs: 5_000 },
  );
  await node.start('asleep', undefined, { id: 'b' });
  await node.clock.advance(10_000);
  await givenConflict(node);
  await node.start('sends');
  const current = node.store.current.bind(node.store);
  node.store.current = async (namespace, id) => {
    const run = await current(namespace, id);
    // In the batch of the send, and before it.
    void node.engine.signal('default', 'c', 'go', encode(1, ''), node.messageId());
    return run;
  };
  const sent = node.engine.signal('default', 'a', 'go', encode(1, ''), node.messageId());
  await node.settle();
  await sent;
  t.is(Number(node.store.epoch), 2);
  t.deepEqual(node.outcome('b'), { status: 'completed', value: 7 });
});

test('an update is answered although its execution was dropped while the answer became durable', async t => {
  const node = new FakeNode([
    waits('c'),
    workflow({ name: 'w', updates: [add] }, async ctx => {
      ctx.on(add, async n => n + (await ctx.waitForSignal(go)));
      await ctx.sleep('1h');
    }),
  ]);
  await node.start('w');
  const { outcome } = await node.sendUpdate('add', 1);
  await givenConflict(node);
  const signalled = ['c', 'a'].map(id => node.engine.signal('default', id, 'go', encode(1, ''), node.messageId()));
  await Promise.all(signalled);
  t.is(Number(node.store.epoch), 2);
  t.is(await outcome, 2);
});

test('a message whose receiver was being found when its shard is read anew is taken after it', async t => {
  const node = new FakeNode([waits('c'), workflow({ name: 'w' }, ctx => ctx.waitForSignal(go))], {
    passivateAfterMs: 5_000,
  });
  const { eid } = await node.start('w');
  await node.clock.advance(10_000);
  await givenConflict(node);
  const [accepted, sender, number] = [node.clock.now(), node.row('c').eid, 1];
  const message = {
    kind: 'signal',
    at: accepted,
    id: null,
    sender,
    number,
    name: 'go',
    payload: encode(7, ''),
  } as const;
  const { shard } = node.row();
  const row: InboxRow = { shard, receiver: eid, accepted, sender, number, message: encodeMessage(message) };
  node.store.inbox.set(`${shard} ${eid} ${accepted} ${sender} ${number}`, row);
  const gate = Promise.withResolvers<void>();
  node.store.beforeRead = () => gate.promise;
  node.engine.receive(row, 'default', 'a');
  const signalled = node.engine.signal('default', 'c', 'go', encode(1, ''), node.messageId());
  await node.settle();
  t.is(Number(node.store.epoch), 2);
  gate.resolve();
  await signalled;
  await node.settle();
  t.deepEqual(node.outcome(), { status: 'completed', value: 7 });
  t.is(node.store.inbox.size, 0);
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

test('what a turn asked for is let go once it is released: the next turn asks for its own only', async t => {
  const node = new FakeNode([sums()]);
  await node.start('w');
  const { outcome } = await node.sendUpdate('add', 1);
  await node.clock.advance(1);
  t.is(await outcome, 1);
  await node.signal('go', 1);
  const actor = node.engine.parts.residents.at('default', 'a')!.actor!;
  t.deepEqual([actor.state.effects, actor.coroutine.commands, actor.turnInHand], [[], [], null]);
});
