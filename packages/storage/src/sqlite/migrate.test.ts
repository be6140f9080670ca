import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Database from 'better-sqlite3';
import { openSqlite } from './open.ts';
import { clock, scratchDirectory } from './scratch.test.support.ts';

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

test('a schema newer than this build is refused and left alone', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  await (await openSqlite(path, { clock })).close();
  change(path, "UPDATE meta SET value = 8 WHERE key = 'schema'");
  await t.throwsAsync(openSqlite(path, { clock }), {
    code: 'UNAVAILABLE',
    message: /has schema 8, this build of dfns knows up to 7/,
  });
  change(path, "UPDATE meta SET value = 7 WHERE key = 'schema'");
  await (await openSqlite(path, { clock })).close();
});

test('a file of the first schema is brought to the newest, with what it holds', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  await (await openSqlite(path, { clock })).close();
  const expired = "INSERT INTO idempotency VALUES ('n', 'k', 'h', 1, 5)";
  change(
    path,
    `UPDATE meta SET value = 1 WHERE key = 'schema'; DROP INDEX idempotency_expiry; ${expired};
    ALTER TABLE shard DROP COLUMN hand_over; DROP INDEX run_closed; DROP TABLE turn_log; DROP INDEX run_open`,
  );
  const store = await openSqlite(path, { clock });
  t.is(await store.expireKeys(10), 1);
  await store.close();
});

test('a database of something else is refused and left alone', async t => {
  const path = join(scratchDirectory(t), 'other.db');
  change(path, 'CREATE TABLE theirs (a)');
  await t.throwsAsync(openSqlite(path, { clock }), { code: 'VALIDATION', message: /something else/ });
  const database = new Database(path);
  t.deepEqual(database.prepare('SELECT name FROM sqlite_schema').pluck().all(), ['theirs']);
  database.close();
});

test('a file that is no database is refused', async t => {
  const path = join(scratchDirectory(t), 'notes.txt');
  writeFileSync(
    path,
    'These are notes, and longer than the header of a database, which has one hundred bytes. '.repeat(3),
  );
  await t.throwsAsync(openSqlite(path, { clock }), { code: 'VALIDATION', message: /no SQLite database/ });
});

test('closing copies the log into the file, so that the file alone is the store', async t => {
  const path = join(scratchDirectory(t), 'store.db');
  const store = await openSqlite(path, { clock, mode: 'main' });
  await store.join({ incarnation: 'a' as never, address: 'x', build: 'b', leaseMs: 1, shards: 3 });
  await store.close();
  t.false(existsSync(`${path}-wal`));
  const copy = new Database(path, { readonly: true });
  t.is(copy.prepare('SELECT count(*) FROM shard').pluck().get(), 3);
  copy.close();
});
