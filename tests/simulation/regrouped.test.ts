import { signal, update, workflow } from '@dfnsjs/actor-core';
import { createTestCluster } from '@dfnsjs/testing';
import test from 'ava';
import { commandsOf, historyOf } from './scene.test.support.ts';

const tick = signal<'tick', number>('tick');
const tock = signal<'tock', number>('tock');
const book = update<'book', string, string>('book');

const theatre = workflow({ name: 'theatre', signals: [tick, tock], updates: [book] }, async ctx => {
  const log: unknown[] = [];
  let seats = 1;
  ctx.on(
    book,
    async who => {
      if (seats === 0) return `${who}: sold out`;
      seats--;
      await ctx.step(`print for ${who}`, () => 1);
      return `${who}: seat`;
    },
    { validate: () => undefined },
  );
  log.push(await ctx.race({ tick: c => c.waitForSignal(tick), tock: c => c.waitForSignal(tock) }));
  log.push(await Promise.race([ctx.waitForSignal(tick), ctx.waitForSignal(tock)]));
  log.push(await Promise.any([ctx.waitForSignal(tock), ctx.sleep('1h')]));
  async function* ticks() {
    for (let i = 0; i < 2; i++) yield await ctx.waitForSignal(tick);
  }
  for await (const each of ticks()) {
    log.push(each);
    await ctx.step(`after ${each}`, () => each);
  }
  await ctx.condition(() => seats === 0);
  log.push(await ctx.waitForSignal(tock, { timeout: '1h', else: 'none' }));
  await ctx.sleep('1d');
  return { log, seats };
});

async function lived(messagesPerTurn: number) {
  const cluster = await createTestCluster({ workflows: [theatre], messagesPerTurn });
  const handle = await cluster.client.start(theatre, undefined, { id: 'one' });
  const sent = [
    handle.signal(tick, 1),
    handle.signal(tock, 2),
    handle.signal(tick, 3),
    handle.update(book, 'ann'),
    handle.update(book, 'bob'),
    handle.signal(tock, 4),
    handle.signal(tick, 5),
    handle.signal(tock, 6),
    handle.signal(tick, 7),
    handle.signal(tick, 8),
  ];
  const answers = await Promise.all(sent);
  const result = await handle.result();
  const [turns] = await historyOf(cluster.store, 'one');
  await cluster.stop();
  return {
    answers,
    result,
    commands: commandsOf(turns!).map(each => each.replace(/update \S+/, 'update')),
    turns: turns!.length,
  };
}

test('one order of messages, grouped by 1, by 2 and all at once, asks for the same and sells the last seat once', async t => {
  const one = await lived(1);
  const two = await lived(2);
  const all = await lived(1_000);
  t.true(one.turns > two.turns && two.turns > all.turns);
  t.deepEqual(two.commands, one.commands);
  t.deepEqual(all.commands, one.commands);
  t.deepEqual(two.result, one.result);
  t.deepEqual(all.result, one.result);
  for (const { answers, result } of [one, two, all]) {
    t.deepEqual(answers.slice(3, 5), ['ann: seat', 'bob: sold out']);
    t.is(result.seats, 0);
  }
});
