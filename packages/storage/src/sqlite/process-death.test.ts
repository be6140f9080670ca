import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import Database from 'better-sqlite3';
import type { Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import { Scene } from '../conformance/scene.ts';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';

const CHILD = fileURLToPath(new URL('./commit-loop.test.child.js', import.meta.url));
const RUNS = 8;
const MODES = ['main', 'worker'] as const;
type Mode = (typeof MODES)[number];

/** A closed store in which `scene` owns shard 0 and has started the runs. */
async function given(path: string): Promise<Scene> {
  const store = await openSqlite(path, { clock, mode: 'main' });
  const scene = await Scene.join(store);
  await scene.given(...Array.from({ length: RUNS }, (_, n) => scene.start(n + 1)));
  await store.close();
  return scene;
}

/** Has another process commit until it has acknowledged turn `seq`, then kills it. The last turn it acknowledged. */
async function killAfter(
  path: string,
  mode: Mode,
  scene: Scene,
  seq: number,
  meanwhile: () => Promise<void> = async () => {},
) {
  const work = [path, mode, scene.incarnation, scene.epochs.get(0), scene.eid(1), RUNS].map(String);
  const child = spawn(process.execPath, [CHILD, ...work], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  let acknowledged = 0;
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line);
    if (acknowledged !== seq) continue;
    try {
      await meanwhile();
    } finally {
      child.kill('SIGKILL');
    }
  }
  await ended;
  return acknowledged;
}

for (const mode of MODES) {
  test(`a process killed in the middle of its commits has lost nothing that it acknowledged, and left no half batch (${mode})`, async t => {
    const path = join(scratchDirectory(t), 'store.db');
    const scene = await given(path);
    const acknowledged = await killAfter(path, mode, scene, 200);
    t.true(acknowledged >= 200);
    const store = await openSqlite(path, { clock, mode });
    const loaded = await store.load(Array.from({ length: RUNS }, (_, n) => scene.eid(n + 1)));
    const last = loaded[0]!.journal.length;
    t.true(last >= acknowledged);
    for (const one of loaded) {
      t.deepEqual(
        one?.journal.map(row => row.seq),
        Array.from({ length: last }, (_, i) => i + 1),
      );
      t.is(one?.inbox.length, last - 1);
    }
    await store.close();
    const database = new Database(path);
    t.is(database.pragma('integrity_check', { simple: true }), 'ok');
    database.close();
  });
}

test('a second process is told at once that the store is in use, until the first is killed', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const scene = await given(path);
  await killAfter(path, 'main', scene, 2, async () => {
    const refusal = await t.throwsAsync(openSqlite(path, { clock }), { code: 'UNAVAILABLE' });
    t.true(refusal?.message.includes(`${path}-lock`));
  });
  const store = await openSqlite(path, { clock });
  const shards = await store.shards();
  t.true(shards.every(row => row.owner === scene.incarnation));
  const next = 'next' as Incarnation;
  await store.join({ incarnation: next, address: 'x', build: 'b', leaseMs: 1_000, shards: shards.length });
  const taken = await store.acquire(0 as ShardId, shards[0]!.epoch, next, 'b');
  t.is(taken?.clean, false, 'the incarnation of the dead process is dead at once, though its lease has not run out');
  await store.close();
});

for (const mode of MODES) {
  test(`a second store in the same process is told too (${mode})`, async t => {
    const path = join(scratchDirectory(t), 'store.db');
    const store = await openSqlite(path, { clock, mode });
    for (const other of MODES) {
      await t.throwsAsync(openSqlite(path, { clock, mode: other }), { code: 'UNAVAILABLE', message: /in use/ });
    }
    await store.close();
    await (await openSqlite(path, { clock, mode })).close();
  });
}
