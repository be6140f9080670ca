import test from 'ava';
import { BOUNDS } from '../bounds.ts';
import { task } from '../definition/task.ts';
import { signal } from '../definition/signal.ts';
import type { Incarnation } from '../ids/ids.ts';
import type { Deaths } from '../ports/stage.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const go = signal('go');
const sleeper = workflow({ name: 'sleeper', signals: [go] }, async ctx => {
  await ctx.sleep('1h');
  return 'slept';
});

/** What is known of deaths, as a node reads it at its start. */
class Known implements Deaths {
  named = false;
  /** Of the shard. */
  last: Incarnation | undefined;
  readonly living = new Set<Incarnation>();
  readonly runs = new Map<number, number[]>();
  readonly starts = new Map<string, number[]>();

  lastIsNamed(): boolean {
    return this.named;
  }

  lastOwner(): Incarnation | undefined {
    return this.last;
  }

  livedOn(incarnation: Incarnation): boolean {
    return this.living.has(incarnation);
  }

  of(eid: number): readonly number[] {
    return this.runs.get(eid) ?? [];
  }

  ofStart(_: string, id: string): readonly number[] {
    return this.starts.get(id) ?? [];
  }

  blame(eid: number, at: number): void {
    this.named = true;
    this.runs.set(eid, [...this.of(eid), at]);
  }
}

test('a run that only a timer wakes is held once its code is named for five deaths, and goes on after a retry', async t => {
  const deaths = new Known();
  const node = new FakeNode([sleeper], { deaths });
  const { eid } = await node.start('sleeper');
  for (let death = 1; death <= 5; death++) {
    t.is(node.row().held, null);
    deaths.blame(eid, node.clock.now() + death);
    await node.restart({ crashed: true });
    await node.query('anything').catch(() => undefined);
  }
  t.is(node.row().held?.code, 'CRASH_LOOP');
  await node.engine.retry('default', 'a');
  t.is(node.row().held, null);
  const crashes = () => node.turns().flatMap(turn => turn.messages.filter(message => message.kind === 'crash'));
  t.deepEqual(
    crashes().map(({ named }) => named?.length),
    [1, 1, 1, 1, 1],
  );
  await node.restart({ crashed: true });
  t.is(node.row().held, null);
  t.is(crashes().length, 5, 'what the journal has is no news');
  await node.advance(3_600_000);
  t.is(node.outcome().value, 'slept');
});

test('that a death is counted is durable before anything else is taken', async t => {
  const deaths = new Known();
  const node = new FakeNode([sleeper], { deaths });
  const { eid } = await node.start('sleeper');
  deaths.blame(eid, node.clock.now());
  node.clock.jump(node.clock.now() + 3_600_000);
  await node.restart({ crashed: true });
  await node.settle();
  t.deepEqual(
    node.turns().map(turn => turn.messages.map(({ kind }) => kind)),
    [['start'], ['crash'], ['timer']],
  );
});

test('where it is known whose code took the node down, others lose an attempt and are never held for it', async t => {
  const deaths = new Known();
  deaths.named = true;
  let attempts = 0;
  const long = task({ name: 'long' }, (_: void, t) => {
    attempts = t.attempt;
    return new Promise<void>(() => undefined);
  });
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.run(long))], { deaths });
  await node.start('w');
  for (let death = 1; death <= 8; death++) await node.restart({ crashed: true });
  t.is(node.row().held, null);
  t.is(attempts, 9);
});

test('a node that lost its lease and lives on is no death, though that was told after its shards were taken', async t => {
  const deaths = new Known();
  const long = task({ name: 'long' }, () => new Promise<void>(() => undefined));
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.run(long))], { deaths });
  await node.start('w');
  const ends = async (name: string) => {
    deaths.last = name as Incarnation;
    await node.restart({ crashed: true });
    // From the third on it waits for others to be read, and is blamed where it began.
    await node.advance(BOUNDS.suspectsGatherMs);
    return deaths.last;
  };
  for (let halt = 1; halt <= 6; halt++) deaths.living.add(await ends(`halted-${halt}`));
  t.is(node.row().held, null);
  for (let death = 1; death <= 4; death++) await ends(`dead-${death}`);
  t.is(node.row().held, null);
  await ends('dead-5');
  t.is(node.row().held?.code, 'CRASH_LOOP');
  t.deepEqual(
    node.turns().flatMap(({ messages }) => messages.flatMap(each => (each.kind === 'crash' ? [each.of] : []))),
    [1, 2, 3, 4, 5, 6].map(n => `halted-${n}`).concat([1, 2, 3, 4].map(n => `dead-${n}`)),
  );
});

test('a run that takes its node down while it is read back is held before it is', async t => {
  const deaths = new Known();
  const node = new FakeNode([sleeper], { deaths });
  const { eid } = await node.start('sleeper');
  for (let death = 1; death <= 5; death++) deaths.blame(eid, node.clock.now() + death);
  let replayed = false;
  const changed = workflow({ name: 'sleeper', signals: [go] }, ctx => {
    replayed = true;
    return ctx.sleep('1h').then(() => 'slept');
  });
  await node.restart({ crashed: true, workflows: [changed] });
  await node.signal('go').catch(() => undefined);
  t.is(node.row().held?.code, 'CRASH_LOOP');
  t.false(replayed);
});

test('a start whose first turn took five nodes down is held in place of its sixth', async t => {
  const deaths = new Known();
  deaths.starts.set('a', [1, 2, 3, 4, 5]);
  let called = 0;
  const node = new FakeNode([workflow({ name: 'w' }, () => ++called)], { deaths });
  await node.start('w', undefined, { id: 'b' });
  t.is(called, 1);
  await node.start('w');
  t.is(node.row().held?.code, 'CRASH_LOOP');
  t.is(called, 1);
  await node.engine.retry('default', 'a');
  await node.settle();
  t.is(node.outcome().value, 2);
});

test('a hundred whose work takes long go on, and are not held for the one among them that takes the node down', async t => {
  let begun = 0;
  const isDown = (deaths: number) => begun > deaths;
  const working = new Set<string>();
  const forever = new Promise<void>(() => undefined);
  const long = task({ name: 'long' }, (_: void, { executionId }) => {
    working.add(executionId);
    return forever;
  });
  const kills = task({ name: 'kills' }, () => {
    begun++;
    return forever;
  });
  const node = new FakeNode([
    workflow({ name: 'neighbour' }, ctx => ctx.run(long)),
    workflow({ name: 'killer' }, ctx => ctx.run(kills)),
  ]);
  const neighbours = Array.from({ length: 100 }, (_, i) => `neighbour-${i}`);
  for (const id of neighbours.slice(0, 50)) await node.start('neighbour', undefined, { id });
  await node.start('killer', undefined, { id: 'killer' });
  for (const id of neighbours.slice(50)) await node.start('neighbour', undefined, { id });
  let deaths = 0;
  while (node.row('killer').held === null) {
    for (let seconds = 0; !isDown(deaths) && seconds < 300; seconds++) await node.advance(1_000);
    t.is(begun, ++deaths);
    working.clear();
    await node.restart({ crashed: true });
    await node.settle();
  }
  t.is(node.row('killer').held?.code, 'CRASH_LOOP');
  t.is(deaths, 5);
  t.deepEqual(
    neighbours.filter(id => node.row(id).held),
    [],
  );
  await node.advance(600_000);
  t.is(working.size, neighbours.length);
});

test('suspects that a node which is stopped left begin in their order again, and none is begun by one that drains', async t => {
  const working = new Set<string>();
  const long = task({ name: 'long' }, (_: void, { executionId }) => {
    working.add(executionId);
    return new Promise<void>(() => undefined);
  });
  const node = new FakeNode([workflow({ name: 'w' }, ctx => ctx.run(long))]);
  const ids = Array.from({ length: 2 * BOUNDS.suspectsAtOnce }, (_, i) => `w-${i}`);
  for (const id of ids) await node.start('w', undefined, { id });
  for (let deaths = 0; deaths < 2; deaths++) await node.restart({ crashed: true });
  await node.advance(60_000);
  t.is(working.size, ids.length);
  working.clear();
  await node.restart();
  await node.advance(BOUNDS.suspectsGatherMs);
  t.is(working.size, BOUNDS.suspectsAtOnce);
  const drained = node.engine.drain(node.clock.now() + 60_000);
  await node.advance(60_000);
  await drained;
  t.is(working.size, BOUNDS.suspectsAtOnce);
});

test('a task of one attempt that comes while its node drains begins at the next one', async t => {
  let bodies = 0;
  const node = new FakeNode([
    workflow({ name: 'busy' }, ctx => ctx.step('long', () => new Promise(() => undefined))),
    workflow({ name: 'w' }, async ctx => {
      await ctx.sleep('1s');
      return ctx.step('once', () => ++bodies, { retry: { maxAttempts: 1 } });
    }),
  ]);
  await node.start('busy', undefined, { id: 'busy' });
  await node.start('w', undefined, { id: 'w' });
  const drained = node.engine.drain(node.clock.now() + 5_000);
  await node.advance(5_000);
  await drained;
  t.is(bodies, 0);
  await node.restart();
  await node.settle();
  t.deepEqual([bodies, node.outcome('w').value], [1, 1]);
});
