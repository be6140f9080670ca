import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';
import Database from 'better-sqlite3';
import type { Eid, ShardId } from '@dfnsjs/actor-core/records';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';

const CHILD = new URL('./commit-loop.test.child.js', import.meta.url).pathname;

/** Runs the committing process until it has acknowledged `batches`, then kills it. What it said last. */
async function killAfter(path: string, batches: number, meanwhile: () => Promise<void> = async () => {}) {
  const child = spawn(process.execPath, [CHILD, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let last = { eid: 0, seq: 0 };
  for await (const line of createInterface(child.stdout)) {
    const [eid, seq] = line.split(' ').map(Number);
    last = { eid: eid!, seq: seq! };
    if (seq !== batches) continue;
    await meanwhile();
    child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return last;
}

test('a process killed in the middle of its commits has lost nothing that it acknowledged, and left no half batch', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const acknowledged = await killAfter(path, 200);
  const store = await openSqlite(path, { clock });
  const eids = Array.from({ length: 8 }, (_, n) => (acknowledged.eid + n) as Eid);
  const loaded = await store.load(eids);
  const lengths = new Set(loaded.map(one => one?.journal.length));
  t.is(lengths.size, 1);
  t.true([...lengths][0]! >= acknowledged.seq);
  for (const one of loaded) {
    t.deepEqual(
      one?.journal.map(row => row.seq),
      Array.from({ length: [...lengths][0]! }, (_, i) => i + 1),
    );
    t.is(one?.inbox.length, [...lengths][0]! - 1);
  }
  await store.close();
  const database = new Database(path);
  t.is(database.pragma('integrity_check', { simple: true }), 'ok');
  database.close();
});

test('a second process is told at once that the store is in use, until the first is killed', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  await killAfter(path, 1, async () => {
    const refusal = await t.throwsAsync(openSqlite(path, { clock }), { code: 'UNAVAILABLE' });
    t.true(refusal?.message.includes(`${path}-lock`));
  });
  const store = await openSqlite(path, { clock });
  const shards = await store.shards();
  t.true(shards.every(row => row.owner === 'node-1'));
  await store.join({ incarnation: 'next' as never, address: 'x', build: 'b', leaseMs: 1_000, shards: shards.length });
  const taken = await store.acquire(0 as ShardId, shards[0]!.epoch, 'next' as never, 'b');
  t.is(taken?.clean, false, 'the incarnation that was killed is dead at once, though its lease has not run out');
  await store.close();
});

for (const mode of ['main', 'worker'] as const) {
  test(`a second store in the same process is told too (${mode})`, async t => {
    const path = join(scratchDirectory(t), 'store.db');
    const store = await openSqlite(path, { clock, mode });
    for (const other of ['main', 'worker'] as const) {
      await t.throwsAsync(openSqlite(path, { clock, mode: other }), { code: 'UNAVAILABLE', message: /in use/ });
    }
    await store.close();
    await (await openSqlite(path, { clock, mode })).close();
  });
}
