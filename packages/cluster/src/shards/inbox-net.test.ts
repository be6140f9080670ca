import test from 'ava';
import type { InboxKey, InboxRow, ScanFrom } from '@dfnsjs/actor-core/ports';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';
import { InboxNet } from './inbox-net.ts';
import { Persistence } from './persistence.ts';

const NOW = 1_000_000;
const row = (receiver: number, accepted: number, shard = 0): InboxRow => ({
  shard: shard as ShardId,
  receiver: receiver as Eid,
  accepted,
  sender: 0,
  number: 0,
  message: Uint8Array.of(),
});

/** An inbox of rows in order of their receivers. */
function scene(rows: readonly InboxRow[], shards = 1) {
  const delivered: number[] = [];
  let reads = 0;
  const clock = { now: () => NOW, setTimer: () => ({ cancel: () => undefined }) };
  const net = new InboxNet({
    store: {
      async inbox(from, limit) {
        reads++;
        const of = ({ shard, after }: ScanFrom<InboxKey>) =>
          rows.filter(row => row.shard === shard && row.receiver > (after?.receiver ?? -1)).slice(0, limit);
        return from.flatMap(of);
      },
    },
    clock,
    persistence: new Persistence(clock, { write: () => {} }),
    shards: () => Array.from({ length: shards }, (_, shard) => shard as ShardId),
    deliver: some => delivered.push(...some.map(({ receiver }) => receiver)),
  });
  return { net, delivered, reads: () => reads };
}

test('what has waited for a minute is delivered again, what came just now is left to its own delivery', async t => {
  const { net, delivered } = scene([row(1, NOW - 60_000), row(2, NOW - 59_999), row(3, 5)]);
  await net.pass();
  t.deepEqual(delivered, [3, 1]);
});

test('a pass is bounded, the next goes on where it ended, and after the end from the start', async t => {
  const { net, delivered, reads } = scene(Array.from({ length: 12_500 }, (_, at) => row(at, 0)));
  await net.pass();
  // The last receiver of each page is read with the next one.
  t.is(delivered.length, 9_990);
  t.is(reads(), 10);
  await net.pass();
  t.is(delivered.length, 12_500);
  t.is(new Set(delivered).size, 12_500);
  await net.pass();
  t.is(delivered.at(12_500), 0);
});

test('shards are read together, and a full one keeps none of the others waiting', async t => {
  const idle = scene([row(1, 0, 7), row(2, 0, 200)], 256);
  await idle.net.pass();
  t.deepEqual(idle.delivered, [1, 2]);
  t.is(idle.reads(), 1);
  const full = Array.from({ length: 12_500 }, (_, at) => row(at, 0));
  const { net, delivered } = scene([...full, row(20_000, 0, 1), row(20_001, 0, 2)], 3);
  await net.pass();
  t.true(delivered.includes(20_000) && delivered.includes(20_001));
  t.true(delivered.length >= 10_000 && delivered.length < 12_000);
  await net.pass();
  t.is(new Set(delivered).size, 12_502);
});

test('what is written between two pages is read with what its sender wrote beside it', async t => {
  const key = (of: Pick<InboxRow, 'receiver' | 'accepted'>) => of.receiver * 1e6 + of.accepted;
  const rows = Array.from({ length: 1_500 }, (_, at) => row(1, 2 * at));
  const [first, second] = [row(1, 1_001), row(1, 2_999)];
  const delivered: InboxRow[] = [];
  let reads = 0;
  const clock = { now: () => NOW, setTimer: () => ({ cancel: () => undefined }) };
  const net = new InboxNet({
    store: {
      async inbox([from], limit) {
        // Both in one turn, once the page that ends between them was read.
        if (++reads === 2) rows.push(first, second);
        const after = from!.after ? key(from!.after) : -1;
        return rows
          .filter(each => key(each) > after)
          .sort((a, b) => key(a) - key(b))
          .slice(0, limit);
      },
    },
    clock,
    persistence: new Persistence(clock, { write: () => {} }),
    shards: () => [0 as ShardId],
    deliver: some => void delivered.push(...some),
  });
  await net.pass(0);
  t.is(delivered.length, 1_502);
  t.true(delivered.indexOf(first) < delivered.indexOf(second));
});

test('a pass that waits for nothing brings what a clock ahead of this one stamped', async t => {
  const { net, delivered } = scene([row(1, NOW + 60_000)]);
  await net.pass();
  t.deepEqual(delivered, []);
  await net.pass(0);
  t.deepEqual(delivered, [1]);
});
