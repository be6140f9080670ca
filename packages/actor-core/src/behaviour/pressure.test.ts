import test from 'ava';
import { signal } from '../definition/signal.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { decodeLineage } from '../execution/lineage.ts';
import { encode } from '../payload/encode.ts';
import { textOf } from '../ports/store/fake-store.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal<'go', number>('go');
const stop = signal('stop');

const codeOf = (error: unknown) => (error instanceof DfnsError ? error.code : String(error));

/** A store that answers when the test says so. */
function halted(node: FakeNode) {
  const open = Promise.withResolvers<void>();
  node.store.beforeCommit = () => open.promise;
  return {
    go() {
      node.store.beforeCommit = null;
      open.resolve();
    },
  };
}

function countReads(node: FakeNode) {
  let reads = 0;
  const { inbox } = node.store;
  node.store.inbox = (...args) => {
    reads++;
    return inbox.apply(node.store, args);
  };
  return () => reads;
}

const waits = workflow({ name: 'waits' }, async ctx => {
  await ctx.waitForSignal(stop);
});

const collects = workflow({ name: 'collects' }, async (ctx, count: number) => {
  const got: number[] = [];
  for (let i = 0; i < count; i++) got.push(await ctx.waitForSignal(go));
  return got;
});

/** Sends each to the one that collects, at once. */
const sends = workflow({ name: 'sends' }, async (ctx, values: readonly number[]) => {
  const other = ctx.execution(collects, 'to');
  for (const value of values) void other.signal(go, value);
  await ctx.sleep(1);
});

test('a mailbox that is full refuses signals and updates, with when to come again; cancels get in', async t => {
  const node = new FakeNode([waits], { admission: { mailbox: 3 } });
  await node.start('waits');
  const store = halted(node);
  const calls = Array.from({ length: 8 }, (_, i) =>
    node.engine
      .signal('default', 'a', 'go', encode(i, ''), node.messageId())
      .then(() => null)
      .catch((error: DfnsError) => error),
  );
  const update = node.engine.update('default', 'a', 'u', encode(1, ''), node.messageId()).catch(codeOf);
  const cancel = node.engine.cancel('default', 'a', null, node.messageId());
  store.go();
  await node.settle();
  const answers = await Promise.all(calls);
  t.is(answers.filter(error => error === null).length, 3);
  for (const error of answers.slice(3)) {
    t.is(error!.code, 'OVERLOADED');
    t.is(error!.details?.['reason'], 'mailbox');
    const { retryAfterMs } = error!.details as { retryAfterMs: number };
    t.true(retryAfterMs >= 500 && retryAfterMs < 1_500, String(retryAfterMs));
  }
  t.is(await update, 'OVERLOADED');
  await cancel;
  t.is(node.outcome().status, 'cancelled');
  t.is(node.engine.parts.entrance.calls, 0);
});

test('a store that stands still refuses new starts first, then messages; what is in hand goes on', async t => {
  const end = Promise.withResolvers<string>();
  const steps = workflow({ name: 'steps' }, ctx => ctx.step('s', () => end.promise));
  const node = new FakeNode([waits, steps], { admission: { backlog: 10 } });
  await node.start('steps', undefined, { id: 'in-hand' });
  await node.start('waits');
  const store = halted(node);
  const codes: string[] = [];
  const start = (i: number) =>
    void node
      .start('waits', undefined, { id: `n${i}` })
      .catch((error: unknown) => codes.push(`start ${codeOf(error)}`));
  const message = (i: number) =>
    void node.signal('go', i).catch((error: unknown) => codes.push(`signal ${codeOf(error)}`));
  for (let i = 0; i < 12; i++) start(i);
  await node.settle();
  t.deepEqual(codes, ['start OVERLOADED', 'start OVERLOADED']);
  for (let i = 0; i < 12; i++) message(i);
  await node.settle();
  t.deepEqual(codes.slice(2), ['signal OVERLOADED', 'signal OVERLOADED']);
  end.resolve('done');
  await node.settle();
  t.is(codes.length, 4);
  store.go();
  await node.settle();
  t.is(node.outcome('in-hand').value, 'done');
  t.is(node.store.newest.size, 12);
  t.is(node.engine.parts.entrance.calls, 0);
  await t.notThrowsAsync(node.start('waits', undefined, { id: 'after' }));
});

test('while the store takes nothing, starts are refused after two seconds and messages after four; what waits lands', async t => {
  const node = new FakeNode([waits]);
  await node.start('waits');
  const store = halted(node);
  const waiting = node.start('waits', undefined, { id: 'waiting' });
  await node.clock.advance(1_999);
  const started = node.start('waits', undefined, { id: 'early' });
  await node.clock.advance(1);
  const error = await t.throwsAsync<DfnsError>(node.start('waits', undefined, { id: 'b' }), { instanceOf: DfnsError });
  t.is(error.code, 'OVERLOADED');
  t.regex(error.message, /The store has taken nothing for 2000 ms/);
  t.is(error.details?.['reason'], 'store');
  const signalled = node.signal('go', 1);
  await node.clock.advance(2_000);
  t.is(await node.signal('go', 1).catch(codeOf), 'OVERLOADED');
  store.go();
  await t.notThrowsAsync(Promise.all([waiting, started, signalled]));
  await t.notThrowsAsync(node.start('waits', undefined, { id: 'b' }));
});

test('a loop that lags refuses starts, and messages when it lags twice as much', async t => {
  const node = new FakeNode([waits]);
  await node.start('waits');
  node.clock.lagMs = 1_000;
  const error = await t.throwsAsync<DfnsError>(node.start('waits', undefined, { id: 'b' }), { instanceOf: DfnsError });
  t.is(error.details?.['reason'], 'event-loop');
  await t.notThrowsAsync(node.signal('go', 1));
  node.clock.lagMs = 2_000;
  t.is(await node.signal('go', 1).catch(codeOf), 'OVERLOADED');
  await t.notThrowsAsync(node.cancel());
});

for (const mailbox of [1, 2, 5, 64]) {
  test(`stored messages that meet a mailbox of ${mailbox} stay rows, and come in their order when there is room`, async t => {
    const sends = workflow({ name: 'sends' }, async (ctx, from: number) => {
      const other = ctx.execution(collects, 'to');
      for (let i = 0; i < 40; i++) void other.signal(go, from + i);
      await ctx.sleep(1);
    });
    const node = new FakeNode([collects, sends], { admission: { mailbox } });
    await node.start('collects', 80, { id: 'to' });
    let most = 0;
    const reads = countReads(node);
    node.store.beforeCommit = () => {
      most = Math.max(most, node.engine.residentOf(node.row('to').eid)?.actor?.mailbox.size ?? 0);
      return Promise.resolve();
    };
    await node.start('sends', 100, { id: 'x' });
    await node.start('sends', 200, { id: 'y' });
    await node.settle();
    await node.advance(5);
    const got = node.outcome('to').value as number[];
    t.deepEqual(
      got.filter(each => each < 200),
      Array.from({ length: 40 }, (_, i) => 100 + i),
    );
    t.deepEqual(
      got.filter(each => each >= 200),
      Array.from({ length: 40 }, (_, i) => 200 + i),
    );
    t.is(node.store.inboxRows.size, 0);
    t.true(most <= mailbox + Math.max(1, mailbox >> 1), `${most}`);
    t.is(Number(node.store.epoch), 1);
    t.is(reads() > 0, mailbox < 40);
    t.is(await node.replayAll(), 3);
  });

  test(`an inbox that is longer than a mailbox of ${mailbox} is read back in parts, over continue-as-new`, async t => {
    const chain = workflow({ name: 'chain' }, async (ctx, sum: readonly number[]): Promise<readonly number[]> => {
      const got = [...sum];
      for (let i = 0; i < 7 && got.length < 30; i++) got.push(await ctx.waitForSignal(go));
      return got.length < 30 ? ctx.continueAsNew(got) : got;
    });
    const missing = new FakeNode([chain], { admission: { mailbox } });
    await missing.start('chain', [], { id: 'a' });
    await missing.restart({ workflows: [waits] });
    for (let i = 0; i < 30; i++) await missing.signal('go', i);
    t.is(missing.store.inboxRows.size, 30);
    await missing.restart({ workflows: [chain] });
    await missing.engine.retry('default', 'a');
    await missing.settle();
    t.deepEqual(
      missing.outcome().value,
      Array.from({ length: 30 }, (_, i) => i),
    );
    t.is(missing.store.inboxRows.size, 0);
  });
}

test('rows that an execution never had room for go when it ends', async t => {
  const sends = workflow({ name: 'sends' }, async ctx => {
    const other = ctx.execution(collects, 'to');
    for (let i = 0; i < 20; i++) void other.signal(go, i);
    await ctx.sleep(1);
  });
  const node = new FakeNode([collects, sends], { admission: { mailbox: 2 } });
  await node.start('collects', 3, { id: 'to' });
  await node.start('sends', undefined, { id: 'from' });
  await node.settle();
  t.deepEqual(node.outcome('to').value, [0, 1, 2]);
  t.is(node.store.inboxRows.size, 0);
});

test('rows to an earlier execution of the id that meet a full mailbox do not hide those to the newer one', async t => {
  const COUNT = 10;
  const sends = workflow({ name: 'sends' }, async ctx => {
    const other = ctx.execution(collects, 'to');
    for (let i = 0; i < COUNT; i++) void other.signal(go, i);
    await ctx.sleep(1);
  });
  const rows: InboxRow[] = [];
  const node = new FakeNode([collects, sends], {
    admission: { mailbox: 2 },
    deliver: some => void rows.push(...some),
  });
  await node.start('collects', COUNT, { id: 'to' });
  await node.start('sends', undefined, { id: 'before' });
  await node.terminate(null, 'to');
  await node.start('collects', COUNT, { id: 'to' });
  await node.start('sends', undefined, { id: 'after' });
  t.is(rows.length, 2 * COUNT);
  for (const row of rows) node.engine.receive(row, 'default', 'to');
  await node.settle();
  t.deepEqual(
    node.outcome('to').value,
    Array.from({ length: COUNT }, (_, i) => i),
  );
  t.is(node.store.inboxRows.size, 0);
});

test('a run that retries another knows so first, whatever waits for the execution already', async t => {
  const node = new FakeNode([collects, sends], { admission: { mailbox: 2 }, deliver: () => undefined });
  await node.start('collects', 4, { id: 'to' });
  await node.start('sends', [0, 1, 2, 3], { id: 'x' });
  const rows = [...node.store.inboxRows.values()];
  t.is(rows.length, 4);
  await node.terminate(null, 'to');
  await node.restart();
  // As if they came from another node while it is retried.
  node.store.beforeCommit = async batch => {
    if (!batch.actors.some(({ insert }) => insert?.lineage)) return;
    node.store.beforeCommit = null;
    for (const row of rows) {
      const earlier = { ...row, accepted: row.accepted - 1_000 };
      node.store.inboxRows.set(textOf(earlier), earlier);
    }
  };
  await node.retry(undefined, 'to');
  t.deepEqual(node.outcome('to').value, [0, 1, 2, 3]);
  const { lineage } = node.row('to');
  const from = decodeLineage(lineage!).turns;
  t.is(node.turns('to')[from]?.messages[0]?.kind, 'reset');
  t.is(node.store.inboxRows.size, 0);
  await node.replayAll();
});

test('what came too late for a reading of left rows is not overtaken by what it found behind that', async t => {
  const rows: InboxRow[] = [];
  const node = new FakeNode([collects, sends], {
    admission: { mailbox: 2 },
    deliver: some => void rows.push(...some),
  });
  await node.start('collects', 6, { id: 'to' });
  await node.start('sends', [0, 1, 2, 3], { id: 'x' });
  await node.start('sends', [10, 11], { id: 'y' });
  node.store.inboxRows.clear();
  const [last] = rows.slice(3);
  /** Nodes with other clocks stamped them. */
  const place = (row: InboxRow, accepted: number) => {
    const placed = { ...row, accepted };
    node.store.inboxRows.set(textOf(placed), placed);
    node.engine.receive(placed, 'default', 'to');
  };
  const open = Promise.withResolvers<void>();
  const { inbox } = node.store;
  let held = 0;
  node.store.inbox = async (...args) => {
    const found = await inbox.apply(node.store, args);
    if (
      found.some(row => row.accepted === last!.accepted + 100) &&
      !found.some(row => row.sender === rows[4]!.sender)
    ) {
      held++;
      await open.promise;
    }
    return found;
  };
  for (const row of rows.slice(0, 4)) place(row, row === last ? row.accepted + 100 : row.accepted);
  await node.settle();
  place(rows[4]!, last!.accepted + 50);
  place(rows[5]!, last!.accepted + 150);
  open.resolve();
  await node.settle();
  t.is(held, 1);
  t.deepEqual(node.outcome('to').value, [0, 1, 2, 3, 10, 11]);
});

test('a reading of left rows takes nothing whose sender sent another one before it that has not come yet', async t => {
  const rows: InboxRow[] = [];
  const node = new FakeNode([collects, sends], {
    admission: { mailbox: 2 },
    deliver: some => void rows.push(...some),
  });
  await node.start('collects', 6, { id: 'to' });
  await node.start('sends', [10, 11], { id: 'y' });
  await node.advance(100);
  await node.start('sends', [0, 1, 2, 3], { id: 'x' });
  // The second one of y came after all of x; the first came before, and its frame is on its way.
  const [first, second, ...others] = rows as [InboxRow, InboxRow, ...InboxRow[]];
  node.store.inboxRows.delete(textOf(second));
  const last = { ...second, accepted: others.at(-1)!.accepted + 1 };
  node.store.inboxRows.set(textOf(last), last);
  for (const row of [...others, last]) node.engine.receive(row, 'default', 'to');
  await node.settle();
  node.engine.receive(first, 'default', 'to');
  await node.settle();
  const got = node.outcome('to').value as number[];
  t.deepEqual(
    got.filter(each => each >= 10),
    [10, 11],
  );
  t.deepEqual(
    got.filter(each => each < 10),
    [0, 1, 2, 3],
  );
  t.is(node.store.inboxRows.size, 0);
});

test('rows that are not gone yet, though the actor has them, do not hide those behind them', async t => {
  const rows: InboxRow[] = [];
  const node = new FakeNode([collects, sends], {
    admission: { mailbox: 2 },
    deliver: some => void rows.push(...some),
  });
  await node.start('collects', 20, { id: 'to' });
  const all = Array.from({ length: 20 }, (_, i) => i);
  await node.start('sends', all.slice(0, 10), { id: 'x' });
  await node.start('sends', all.slice(10), { id: 'y' });
  for (const row of rows) node.engine.receive(row, 'default', 'to');
  // Rows of turns whose commit has not landed are found again by each reading.
  const { inbox } = node.store;
  const gone: InboxRow[] = [];
  node.store.inbox = async (from, limit) => {
    const found = await inbox.call(node.store, from, Infinity);
    gone.push(...found.filter(row => !gone.includes(row)));
    return [...gone].slice(0, limit);
  };
  await node.settle();
  t.deepEqual(node.outcome('to').value, all);
});

test('a reading of left rows that fails is made again', async t => {
  const sends = workflow({ name: 'sends' }, async ctx => {
    const other = ctx.execution(collects, 'to');
    for (let i = 0; i < 20; i++) void other.signal(go, i);
    await ctx.sleep(1);
  });
  const node = new FakeNode([collects, sends], { admission: { mailbox: 2 } });
  await node.start('collects', 20, { id: 'to' });
  let reads = 0;
  const { inbox } = node.store;
  node.store.inbox = async (...args) => {
    if (++reads % 2 === 1) throw new Error('no answer');
    return inbox.apply(node.store, args);
  };
  await node.start('sends', undefined, { id: 'from' });
  await node.advance(20_000);
  t.deepEqual(
    node.outcome('to').value,
    Array.from({ length: 20 }, (_, i) => i),
  );
  t.true(reads > 2);
});

test('at ten times the load that the store takes, what is in memory stays bounded and all that was accepted is done', async t => {
  const BACKLOG = 50;
  const MAILBOX = 20;
  const adds = workflow({ name: 'adds' }, async ctx => {
    let sum = 0;
    for (let open = true; open;) {
      const got = await ctx.waitForSignal([go, stop]);
      if (got.signal === 'stop') open = false;
      else sum += got.payload;
    }
    return sum;
  });
  const works = workflow({ name: 'works' }, async ctx => {
    for (let i = 0; i < 3; i++) await ctx.step('s', () => i);
  });
  const node = new FakeNode([adds, works], { admission: { backlog: BACKLOG, mailbox: MAILBOX } });
  await node.start('adds');
  // Ten writes a millisecond; a hundred calls come in each.
  Object.assign(node.store.limits, { items: 10 });
  node.store.beforeCommit = () =>
    new Promise(resolve => void node.clock.setTimer(node.clock.now() + 1, () => resolve(0)));
  const { parts } = node.engine;
  const refused = new Map<string, number>();
  const started: string[] = [];
  let added = 0;
  let most = 0;
  const calls: Promise<unknown>[] = [];
  const heard = (kind: string, call: Promise<unknown>, done: () => void) =>
    calls.push(
      call.then(done, (error: DfnsError) => {
        if (error.code !== 'OVERLOADED') throw error;
        refused.set(kind, (refused.get(kind) ?? 0) + 1);
      }),
    );
  const ROUNDS = 60;
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 50; i++) {
      const id = `w${round}-${i}`;
      heard('start', node.start('works', undefined, { id }), () => started.push(id));
      heard('signal', node.signal('go', 1), () => added++);
    }
    await node.clock.advance(1);
    const mail = [...parts.residents.all()].reduce(
      (sum, { actor, mail }) => sum + mail.length + (actor?.mailbox.size ?? 0),
      0,
    );
    // Each execution in memory was accepted, or is among the calls in hand.
    const starts = [...parts.residents.all()].filter(({ start }) => start).length;
    t.true(starts + parts.aside.size <= BACKLOG);
    t.true(parts.entrance.calls <= 2 * BACKLOG);
    most = Math.max(most, mail + parts.committer.depth + parts.ticker.depth + parts.residents.size);
  }
  node.store.beforeCommit = null;
  await node.clock.advance(1_000);
  await node.signal('stop');
  await Promise.all(calls);
  t.true(most < 6 * BACKLOG + MAILBOX, `${most} objects`);
  t.true((refused.get('start') ?? 0) > ROUNDS * 30);
  t.true(added > 0 && started.length > 0);
  t.is(node.outcome().value, added);
  for (const id of started) t.is(node.outcome(id).status, 'completed', id);
  t.is(parts.entrance.calls, 0);
  t.is(parts.residents.size, 0);
});

test('task bodies in hand refuse new starts, then messages; at ten times the load no more are held', async t => {
  const ends: (() => void)[] = [];
  const slow = workflow({ name: 'slow' }, ctx => ctx.step('s', () => new Promise<void>(end => ends.push(end))));
  const node = new FakeNode([waits, slow], { admission: { bodies: 10 } });
  await node.start('waits');
  let refused = 0;
  for (let i = 0; i < 100; i++) {
    await node.start('slow', undefined, { id: `s${i}` }).catch((error: DfnsError) => {
      t.like(error.details, { reason: 'bodies' });
      refused++;
    });
    await node.settle();
  }
  t.is(refused, 90);
  t.is(node.engine.parts.bodies.size, 10);
  await t.notThrowsAsync(node.signal('go', 1));
  for (const end of ends.splice(0)) end();
  await node.settle();
  t.is(node.outcome('s9').status, 'completed');
  t.is(node.engine.parts.bodies.size, 0);
  await t.notThrowsAsync(node.start('slow', undefined, { id: 'after' }));
});

test('what calls bring and the store has not taken is bounded by bytes too', async t => {
  const node = new FakeNode([waits], { admission: { bytes: 10_000 } });
  const store = halted(node);
  const large = 'x'.repeat(1_000);
  const refusals: unknown[] = [];
  const starts = Array.from({ length: 100 }, (_, i) =>
    node.start('waits', large, { id: `n${i}` }).catch((error: DfnsError) => refusals.push(error.details?.['reason'])),
  );
  t.is(node.engine.parts.entrance.calls, 10);
  store.go();
  await node.settle();
  await Promise.all(starts);
  t.deepEqual([...new Set(refusals)], ['bytes']);
  t.is(refusals.length, 90);
  await t.notThrowsAsync(node.start('waits', large, { id: 'after' }));
});

test('signals that nobody reads fill the mailbox as those that wait do; updates and cancels get in', async t => {
  const node = new FakeNode([waits], { admission: { mailbox: 3 } });
  await node.start('waits');
  for (let i = 0; i < 3; i++) await node.signal('go', i);
  t.is(await node.signal('go', 3).catch(codeOf), 'OVERLOADED');
  t.is(await node.engine.update('default', 'a', 'u', encode(1, ''), node.messageId()).catch(codeOf), 'NOT_FOUND');
  await node.engine.cancel('default', 'a', null, node.messageId());
  await node.settle();
  t.is(node.outcome().status, 'cancelled');
});

test('a signal that the code waits for gets in, whatever else it has not read', async t => {
  const node = new FakeNode([waits], { admission: { mailbox: 2 } });
  await node.start('waits');
  const send = (name: string) =>
    node.engine.signal('default', 'a', name, encode(1, ''), node.messageId()).then(() => 'taken', codeOf);
  const sent: string[] = [];
  for (const name of ['other', 'other', 'other', 'stop']) {
    const answer = send(name);
    await node.settle();
    sent.push(await answer);
  }
  t.deepEqual(sent, ['taken', 'taken', 'OVERLOADED', 'taken']);
  t.is((await node.engine.result('default', 'a')).status, 'completed');
});
