import test from 'ava';
import { signal } from '../definition/signal.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import { workflow } from '../workflow/workflow.ts';
import { FakeNode } from './fake-node.ts';

const note = signal<'note', number>('note');
const go = signal<'go'>('go');
const AN_HOUR = 3_600_000;

const hearer = workflow({ name: 'hearer', signals: [note] }, async ctx => {
  const heard: number[] = [];
  while (heard.length < 4) heard.push(await ctx.waitForSignal(note));
  return heard;
});

/** Tells one thing after the other, each when it is asked to, the second and later ones in a run of their own. */
const teller = workflow({ name: 'teller', signals: [go] }, async (ctx, n: number) => {
  await ctx.execution('b').signal(note, n);
  await ctx.waitForSignal(go);
  if (n === 2) throw new Error('A bug.');
  return ctx.continueAsNew(n + 1);
});

function sendsOf(node: FakeNode): InboxRow[] {
  const sends: InboxRow[] = [];
  node.store.beforeCommit = batch => {
    sends.push(...batch.actors.flatMap(actor => actor.sends ?? []));
    return Promise.resolve();
  };
  return sends;
}

test('what is sent later stands behind what was sent before, though the next node has a slower clock', async t => {
  const node = new FakeNode([hearer, teller]);
  await node.start('hearer', undefined, { id: 'b' });
  const sends = sendsOf(node);
  node.clock.jump(node.clock.now() + AN_HOUR);
  await node.start('teller', 0);
  node.clock.jump(node.clock.now() - AN_HOUR);
  await node.restart();
  await node.signal('go');
  await node.restart();
  await node.signal('go');
  t.deepEqual(
    sends.map(({ number }) => number),
    [1, 2, 3],
  );
  const places = sends.map(({ accepted }) => accepted);
  t.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  t.true(places[0]! >= node.clock.now() + AN_HOUR - 1);
  await node.replayAll();
});

for (const from of ['start', 'failure'] as const) {
  test(`a run that is done again from its ${from} goes on in the numbers and places of the one before`, async t => {
    const node = new FakeNode([hearer, teller]);
    await node.start('hearer', undefined, { id: 'b' });
    const sends = sendsOf(node);
    node.clock.jump(node.clock.now() + AN_HOUR);
    await node.start('teller', 1);
    await node.signal('go');
    await node.signal('go');
    t.is(node.row().status, 'failed');
    node.clock.jump(node.clock.now() - AN_HOUR);
    await node.restart();
    await node.retry(from);
    await node.signal('go').catch(() => undefined);
    const again = from === 'start' ? 1 : 0;
    t.deepEqual(
      sends.map(({ number }) => number),
      [1, 2, 3].slice(0, 2 + again),
    );
    const places = sends.map(({ accepted }) => accepted);
    t.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
  });
}
