import type { ScanFrom } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';
import test from 'ava';
import { scanPages, shareOf } from './scan-pages.ts';

interface Row {
  readonly shard: ShardId;
  readonly n: number;
}

/** A store with so many rows a shard, and what it was asked. */
function scene(rows: readonly number[]) {
  const calls: { readonly from: readonly ScanFrom<number>[]; readonly limit: number }[] = [];
  const read = async (from: readonly ScanFrom<number>[], limit: number): Promise<readonly Row[]> => {
    calls.push({ from, limit });
    return from.flatMap(({ shard, after = 0 }) =>
      Array.from({ length: Math.min(limit, rows[shard]! - after) }, (_, i) => ({ shard, n: after + i + 1 })),
    );
  };
  const shards = rows.map((_, shard) => ({ shard: shard as ShardId }));
  return { calls, read, shards };
}

async function all(pages: AsyncIterable<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

const placeOf = ({ n }: Row) => n;

test('shards with little to tell cost one call together', async t => {
  const { calls, read, shards } = scene(Array.from({ length: 256 }, (_, n) => n % 3));
  t.is((await all(scanPages(shards, read, placeOf))).length, 255);
  t.is(calls.length, 1);
});

test('a full shard goes on behind its last row, alone, with all of the page; nothing is skipped or told twice', async t => {
  const counts = [2_500, 3, 0, 260];
  const { calls, read, shards } = scene(counts);
  const rows = await all(scanPages(shards, read, placeOf));
  for (const [shard, count] of counts.entries()) {
    const told = rows.filter(row => row.shard === shard).map(placeOf);
    t.deepEqual(
      told,
      Array.from({ length: count }, (_, n) => n + 1),
    );
  }
  t.deepEqual(
    calls.map(({ from, limit }) => [from.map(({ shard }) => shard).join(' '), limit]),
    [
      ['0 1 2 3', 250],
      ['0 3', 500],
      ['0', 1_000],
      ['0', 1_000],
    ],
  );
});

test('a full shard keeps no other from its share', t => {
  t.is(shareOf(0), 1_000);
  t.is(shareOf(1), 1_000);
  t.is(shareOf(256), 4);
  t.is(shareOf(4_096), 1);
});

test('it ends with whoever reads no more', async t => {
  const { calls, shards } = scene([5_000]);
  t.deepEqual(await all(scanPages(shards, async () => undefined, placeOf)), []);
  t.is(calls.length, 0);
});
