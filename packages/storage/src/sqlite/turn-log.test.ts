import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { type ActorCommit, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import type { Eid } from '@dfnsjs/actor-core/records';
import { SeededRandom } from '@dfnsjs/actor-core/values';
import { NAMESPACE, Scene } from '../conformance/scene.ts';
import { SqliteCore } from './core.ts';
import { openDatabase } from './open-database.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';
import { SqliteStore } from './store.ts';
import { TurnLog } from './turn-log.ts';

function open(path: string, turns?: number) {
  const database = openDatabase(path);
  database.pragma('synchronous = OFF');
  const log = turns === undefined ? new TurnLog(database) : new TurnLog(database, { turns, bytes: 1e9 });
  const core = new SqliteCore(database, log);
  // Closed as by a process that is killed: nothing is moved.
  return { database, core, store: new SqliteStore({ core, commitMs: () => 0, close: () => database.close() }, clock) };
}

/** What a run should hold. */
interface Expected {
  readonly eid: Eid;
  readonly turns: Map<number, string>;
  last: number;
  folded: number;
  isOpen: boolean;
}

for (const seed of [1, 2, 3, 4]) {
  test(`turns are read as they were committed, wherever they stand, moved, folded, removed or left by a killed process (seed ${seed})`, async t => {
    const random = new SeededRandom(seed);
    const any = (n: number) => Math.floor(random.next() * n);
    const path = join(scratchDirectory(t), 'store.db');
    let { database, core, store } = open(path, 40);
    let scene = await Scene.join(store);
    const expected = new Map<number, Expected>();
    let lastBatch: ReturnType<Scene['batch']> | undefined;

    const turn = (n: number, run: Expected): ActorCommit => {
      const seq = run.last + 1;
      const text = `${n}/${seq} ${'x'.repeat(any(8) === 0 ? 3_000 : any(60))}`;
      const journal = { seq, turn: new TextEncoder().encode(text) };
      run.turns.set(seq, text);
      run.last = seq;
      const folds = seq - run.folded > 6 && any(3) === 0;
      const to = seq - any(3);
      if (folds) for (let s = run.folded + 1; s <= to; s++) run.turns.delete(s);
      const snapshot = { from: run.folded + 1, to, turns: new Uint8Array([1]) };
      if (folds) run.folded = to;
      const closes = any(20) === 0;
      if (closes) run.isOpen = false;
      const more = { journal, ...(folds && { snapshot }) };
      if (seq === 1) return scene.start(n, closes ? { status: 'completed', closedAt: 5 } : {}, more);
      const update = closes ? { status: 'completed' as const, closedAt: 5 } : undefined;
      return scene.part(run.eid, seq - 1, { ...more, ...(update && { update }) });
    };

    const check = async () => {
      for (const run of expected.values()) {
        const [loaded] = await store.load([run.eid]);
        const journal = loaded!.journal.map(({ seq, turn }) => [seq, Buffer.from(turn).toString()]);
        t.deepEqual(journal, [...run.turns]);
      }
    };

    for (let step = 0; step < 400; step++) {
      const what = any(20);
      if (what === 0) {
        database.close();
        ({ database, core, store } = open(path, 40));
        scene = await Scene.join(store, `node-${step}`);
        // Its outcome was unknown to a node that lives on: it landed.
        const again = lastBatch?.actors.map(actor => ({ ...actor, epoch: scene.epochs.get(actor.shard)! }));
        if (again) {
          const verdicts = await store.commit({ ...lastBatch!, incarnation: scene.incarnation, actors: again });
          t.true(verdicts.every(({ kind }) => kind === 'done'));
        }
      } else if (what === 1) {
        lastBatch = undefined;
        for (const [n, run] of expected) {
          if (run.isOpen || any(2) === 0) continue;
          t.is(await store.remove(NAMESPACE, `run-${n}`, run.eid), 'removed');
          expected.delete(n);
        }
      } else if (what === 2) {
        // One part that does not fit: the transaction is rolled back, and done again without it.
        const run = [...expected.values()].find(run => run.isOpen);
        if (!run) continue;
        const n = 10_000 + step;
        const turns = new Map([[1, `turn 1 of ${n}`]]);
        expected.set(n, { eid: scene.eid(n), turns, last: 1, folded: 0, isOpen: true });
        const verdicts = await scene.commit(scene.start(n), scene.part(run.eid, 10_000, { update: { details: 'x' } }));
        t.deepEqual(
          verdicts.map(({ kind }) => kind),
          ['done', 'conflict'],
        );
      } else {
        const open = [...expected].filter(([, run]) => run.isOpen && any(2) === 0);
        const parts = open.map(([n, run]) => turn(n, run));
        const n = step + 1;
        if (any(3) === 0) {
          const run: Expected = { eid: scene.eid(n), turns: new Map(), last: 0, folded: 0, isOpen: true };
          expected.set(n, run);
          parts.push(turn(n, run));
        }
        lastBatch = scene.batch(...parts);
        t.true((await store.commit(lastBatch)).every(({ kind }) => kind === 'done'));
      }
      if (step % 10 === 0) await check();
    }
    await check();
    core.settle();
    database.close();
    const file = new Database(path, { readonly: true });
    t.is(file.prepare('SELECT count(*) FROM turn_log').pluck().get(), 0);
    const turns = [...expected.values()].reduce((sum, run) => sum + run.turns.size, 0);
    t.true(turns > 50);
    t.is(file.prepare('SELECT count(*) FROM journal').pluck().get(), turns);
    file.close();
  });
}

test('a batch of turns of many runs changes few pages, however much their journals hold', async t => {
  const { database, store } = open(join(scratchDirectory(t), 'store.db'));
  const scene = await Scene.join(store);
  const all = Array.from({ length: 100 }, (_, i) => i + 1);
  const turn = new Uint8Array(100);
  await scene.given(...all.map(n => scene.start(n)));
  const frames = () => (database.pragma('wal_checkpoint') as [{ log: number }])[0].log;
  for (let seq = 1; seq <= 60; seq++) {
    await scene.given(...all.map(n => scene.part(scene.eid(n), seq, { journal: { seq: seq + 1, turn } })));
  }
  frames();
  await scene.given(...all.map(n => scene.part(scene.eid(n), 61, { journal: { seq: 62, turn } })));
  t.true(frames() < 10, 'a page for each run would be 100');
  await store.close();
});

test('a damaged page of the journal holds up its own runs alone, and the file is opened again', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const { database, core, store } = open(path, 40);
  const scene = await Scene.join(store);
  const all = Array.from({ length: 60 }, (_, i) => i + 1);
  for (const n of all) {
    await scene.given(scene.start(n, {}, { journal: { seq: 1, turn: new Uint8Array(1_000) } }));
  }
  core.settle();
  const leaves = database
    .prepare<[], number>("SELECT pageno FROM dbstat WHERE name = 'journal' AND pagetype = 'leaf' ORDER BY path")
    .pluck()
    .all();
  const middle = leaves[leaves.length >> 1]!;
  database.pragma('wal_checkpoint(TRUNCATE)');
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (middle - 1) * 4096);
  closeSync(file);
  database.pragma('shrink_memory');
  const readable = async (of: typeof store) => {
    const loads = all.map(n =>
      of.load([scene.eid(n)]).then(
        ([run]) => run!.journal.length,
        () => 0,
      ),
    );
    return await Promise.all(loads);
  };
  const before = await readable(store);
  t.true(before.includes(0) && before.filter(turns => turns === 1).length > 40);
  for (const n of all) await scene.given(scene.turn(n, 1));
  for (let n = 1_000; n < 1_200; n++) await scene.given(scene.start(n));
  t.deepEqual(
    await readable(store),
    before.map(turns => (turns === 0 ? 0 : 2)),
  );
  core.settle();
  database.close();
  const again = open(path, 40);
  t.deepEqual(
    await readable(again.store),
    before.map(turns => (turns === 0 ? 0 : 2)),
  );
  t.is((await again.store.load([scene.eid(1_199)]))[0]?.journal.length, 1);
  await again.store.close();
});

test('a batch with two turns of a run in one place is refused', async t => {
  const { store } = open(join(scratchDirectory(t), 'store.db'));
  const scene = await Scene.join(store);
  await scene.given(scene.start(1));
  await t.throwsAsync(scene.commit(scene.turn(1, 1), scene.turn(1, 1)), { instanceOf: StoreRefusedError });
  t.is((await store.load([scene.eid(1)]))[0]?.journal.length, 1);
  await store.close();
});
