import { copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import Sqlite from 'better-sqlite3';
import { layLog } from './lay-log.ts';
import { openDatabase } from './open-database.ts';
import { scratchDirectory } from './scratch.test.support.ts';

test('an open store has its log laid out, and commits do not make it longer', t => {
  const path = join(scratchDirectory(t), 'store.db');
  const database = openDatabase(path);
  const laid = statSync(`${path}-wal`).size;
  t.true(laid > 16_000_000, `${laid}`);
  const insert = database.prepare('INSERT INTO journal VALUES (1, ?, ?, ?)');
  for (let seq = 1; seq <= 100; seq++) insert.run(seq, '1.1', Buffer.alloc(1_000));
  t.is(statSync(`${path}-wal`).size, laid);
  database.close();
});

test('a log that is laid out again behind its frames keeps them, and what is laid out is read as empty', t => {
  const path = join(scratchDirectory(t), 'log.db');
  const writer = new Sqlite(path);
  writer.pragma('journal_mode = WAL');
  writer.exec('CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)');
  layLog(path, 200_000);
  writer.exec('INSERT INTO t VALUES (3)');
  layLog(path, 300_000);
  // As a process leaves it that was killed: copied with the writer still open.
  const copy = join(scratchDirectory(t), 'copy.db');
  for (const suffix of ['', '-wal']) copyFileSync(path + suffix, copy + suffix);
  writer.close();
  t.true(statSync(`${copy}-wal`).size === 300_000);
  const reader = new Sqlite(copy);
  t.deepEqual(reader.prepare('SELECT a FROM t ORDER BY a').pluck().all(), [1, 2, 3]);
  t.is(reader.pragma('integrity_check', { simple: true }), 'ok');
  reader.close();
});

test('no log, nothing to lay out', t => {
  t.notThrows(() => layLog(join(scratchDirectory(t), 'absent.db'), 1_000));
});
