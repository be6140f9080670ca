import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { StoreRefusedError } from '@dfnsjs/actor-core/ports';
import { Scene } from '../conformance/scene.ts';
import { SqliteCore } from './core.ts';
import { openDatabase } from './open-database.ts';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';
import { SqliteStore } from './store.ts';

/** Makes a directory read-only for whoever runs the test: root ignores modes, so it gets a read-only mount. */
function readOnly(t: ExecutionContext, directory: string): boolean {
  if (process.getuid?.() !== 0) {
    chmodSync(directory, 0o555);
    t.teardown(() => chmodSync(directory, 0o755));
    return true;
  }
  try {
    execFileSync('mount', ['--bind', directory, directory], { stdio: 'ignore' });
    t.teardown(() => execFileSync('umount', ['--lazy', directory]));
    execFileSync('mount', ['-o', 'remount,ro,bind', directory], { stdio: 'ignore' });
    return true;
  } catch {
    t.log('No way to make a directory read-only here.');
    t.pass();
    return false;
  }
}

test('a store that cannot be written is refused at opening, with its path', async t => {
  const directory = join(scratchDirectory(t), 'data');
  mkdirSync(directory);
  const path = join(directory, 'store.db');
  await (await openSqlite(path, { clock })).close();
  if (!readOnly(t, directory)) return;
  for (const mode of ['main', 'worker'] as const) {
    const error = await t.throwsAsync(openSqlite(path, { clock, mode }), { code: 'UNAVAILABLE' });
    t.true(error?.message.includes(path));
  }
});

test('a file that turns read-only refuses commits, answers reads, and goes on once it can be written', async t => {
  const database = openDatabase(join(scratchDirectory(t), 'store.db'));
  const session = { core: new SqliteCore(database), commitMs: () => 0, close: () => database.close() };
  const store = new SqliteStore(session, clock);
  const scene = await Scene.join(store);
  await scene.given(scene.start(1));
  database.pragma('query_only = ON');
  await t.throwsAsync(scene.commit(scene.turn(1, 1)), { instanceOf: StoreRefusedError, message: /SQLITE_READONLY/ });
  t.is((await store.load([scene.eid(1)]))[0]?.journal.length, 1);
  database.pragma('query_only = OFF');
  await scene.given(scene.turn(1, 1));
  await store.close();
});
