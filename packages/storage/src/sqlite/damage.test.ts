import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { StoreRefusedError } from '@dfnsjs/actor-core/ports';
import { Scene } from '../conformance/scene.ts';
import { readable } from '../conformance/trace.ts';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';

/** Three runs, closed; then the file is changed by other hands. */
async function damaged(path: string, damage: (database: Database.Database, scene: Scene) => void): Promise<Scene> {
  const store = await openSqlite(path, { clock, mode: 'main' });
  const scene = await Scene.join(store);
  await scene.given(...[1, 2, 3].map(n => scene.start(n, { attributes: new Map([['n', n]]) })));
  await store.close();
  const database = new Database(path);
  damage(database, scene);
  database.close();
  return scene;
}

test('a damaged turn comes back as it stands, for the engine to judge; its neighbours are whole', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const scene = await damaged(path, (database, scene) =>
    database.prepare("UPDATE journal SET turn = x'ff00' WHERE eid = ?").run(scene.eid(2)),
  );
  const store = await openSqlite(path, { clock });
  const loaded = await store.load([scene.eid(1), scene.eid(2)]);
  t.deepEqual(readable(loaded[1]?.journal), [{ seq: 1, turn: 'bytes:ÿ\u0000' }]);
  t.deepEqual(readable(loaded[0]?.journal), [{ seq: 1, turn: 'bytes:turn 1 of 1' }]);
  await store.close();
});

test('a run row that cannot be read is named with its column, and the others are read', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const scene = await damaged(path, (database, scene) => {
    database.prepare("UPDATE run SET attributes = '[' WHERE eid = ?").run(scene.eid(2));
    database.prepare('UPDATE run SET status = 99 WHERE eid = ?').run(scene.eid(3));
  });
  const store = await openSqlite(path, { clock });
  const attributes = { eid: scene.eid(2), column: 'attributes' };
  t.like(await t.throwsAsync(store.load([scene.eid(2)]), { code: 'INTERNAL' }), { details: attributes });
  t.like(await t.throwsAsync(store.load([scene.eid(3)]), { code: 'INTERNAL' }), { details: { column: 'status' } });
  t.is((await store.load([scene.eid(1)]))[0]?.run.id, 'run-1');
  await store.close();
});

test('pages overwritten with rubbish are refused when they are read, and the store goes on where it can', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  let page = 0;
  const scene = await damaged(path, database => {
    page = Number(database.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'journal'").pluck().get());
  });
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(4096, 0xff), 0, 4096, (page - 1) * 4096);
  closeSync(file);
  const store = await openSqlite(path, { clock });
  await t.throwsAsync(store.load([scene.eid(1)]), { instanceOf: StoreRefusedError, message: /SQLITE_CORRUPT/ });
  const again = await Scene.join(store, 'node-2');
  const large = { seq: 1, turn: new Uint8Array(5_000) };
  await t.throwsAsync(again.commit(again.start(4, {}, { journal: large })), {
    instanceOf: StoreRefusedError,
    message: /SQLITE_CORRUPT/,
  });
  t.is((await store.current('default', 'run-1'))?.id, 'run-1');
  t.is(await store.current('default', 'run-4'), undefined);
  await store.close();
});

test('a file cut short is refused at opening or at reading, never read as an empty store', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  await damaged(path, () => {});
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(statSync(path).size - 4096, 0xff), 0, undefined, 4096);
  closeSync(file);
  await t.throwsAsync(openSqlite(path, { clock }), { code: 'UNAVAILABLE', message: /cannot be opened/ });
});
