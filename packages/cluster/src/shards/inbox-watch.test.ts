import test from 'ava';
import { InboxWatch, NET_MS, WATCH_MS } from './inbox-watch.ts';

/** What was looked through after each look, WATCH_MS apart. */
async function looks(count: number, isAwayAt: (look: number) => boolean) {
  let look = 0;
  const passes: (number | 'overdue' | null)[] = [];
  const net = {
    async pass(overdueMs?: number) {
      passes[look] = overdueMs ?? 'overdue';
    },
  };
  const watch = new InboxWatch(net, { elapsed: () => look * WATCH_MS }, () => isAwayAt(look));
  for (look = 1; look <= count; look++) {
    passes[look] = null;
    await watch.look();
  }
  return passes.slice(1);
}

test('while all reach each other what is overdue is read now and then', async t => {
  const passes = await looks(25, () => false);
  t.deepEqual(
    passes.flatMap((pass, i) => (pass === null ? [] : [[i + 1, pass]])),
    [
      [NET_MS / WATCH_MS, 'overdue'],
      [(2 * NET_MS) / WATCH_MS, 'overdue'],
    ],
  );
});

test('while somebody is away, and for a while after, all is read at each look', async t => {
  const passes = await looks(25, look => look === 3 || look === 4);
  t.deepEqual(passes.slice(0, 2), [null, null]);
  t.true(passes.slice(2, 4 + NET_MS / WATCH_MS - 1).every(pass => pass === 0));
  t.is(passes[4 + NET_MS / WATCH_MS - 1], null);
  t.is(passes[20 - 1], 'overdue');
});
