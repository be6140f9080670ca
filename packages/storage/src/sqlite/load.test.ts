import { join } from 'node:path';
import test from 'ava';
import { Scene } from '../conformance/scene.ts';
import { SqliteCore } from './core.ts';
import { openDatabase } from './open-database.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';
import { SqliteStore } from './store.ts';

test('a journal of 100,000 turns is loaded whole and in order', async t => {
  const database = openDatabase(join(scratchDirectory(t), 'store.db'));
  const store = new SqliteStore(
    { core: new SqliteCore(database), commitMs: () => 0, close: () => database.close() },
    clock,
  );
  const scene = await Scene.join(store);
  await scene.given(scene.start(1));
  const rows = `WITH RECURSIVE n(seq) AS (SELECT 2 UNION ALL SELECT seq + 1 FROM n WHERE seq < 100000)
    INSERT INTO journal SELECT ${scene.eid(1)}, seq, 'c', x'0102' FROM n`;
  database.exec(rows);
  const [loaded] = await store.load([scene.eid(1)]);
  t.is(loaded?.journal.length, 100_000);
  t.true(loaded!.journal.every((row, i) => row.seq === i + 1));
  await store.close();
});
