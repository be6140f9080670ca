import { DfnsError } from '@dfnsjs/actor-core';
import type { Database } from 'better-sqlite3';
import { TABLES } from './migrations/001-tables.ts';
import { KEY_EXPIRY } from './migrations/002-key-expiry.ts';
import { HAND_OVER } from './migrations/003-hand-over.ts';
import { TIMES } from './migrations/004-times.ts';
import { ORDER_OF_START } from './migrations/005-order-of-start.ts';
import { TURN_LOG } from './migrations/006-turn-log.ts';
import { OPEN_RUNS } from './migrations/007-open-runs.ts';

/** One entry a schema version, in order: entry n brings version n to n + 1. Never edited once released. */
const MIGRATIONS: readonly string[] = [TABLES, KEY_EXPIRY, HAND_OVER, TIMES, ORDER_OF_START, TURN_LOG, OPEN_RUNS];

/** Marks a SQLite file as a dfns store: 'dfns' in ASCII. */
const APPLICATION_ID = 0x64666e73;

/** Brings the file to this build's schema, in one transaction. The caller holds the file's lock. */
export function migrate(database: Database, path: string): void {
  database.transaction(() => {
    const stored = schemaVersion(database, path);
    if (stored > MIGRATIONS.length) {
      throw new DfnsError(
        'UNAVAILABLE',
        `"${path}" has schema ${stored}, this build of dfns knows up to ${MIGRATIONS.length}: run the newer build that wrote it.`,
        { details: { path, stored, known: MIGRATIONS.length } },
      );
    }
    for (const step of MIGRATIONS.slice(stored)) database.exec(step);
    if (stored < MIGRATIONS.length) setMeta(database, 'schema', MIGRATIONS.length);
  })();
}

function schemaVersion(database: Database, path: string): number {
  const tables = database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get();
  if (tables === 0) {
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.exec('CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID');
    return 0;
  }
  if (database.pragma('application_id', { simple: true }) !== APPLICATION_ID) {
    throw new DfnsError(
      'VALIDATION',
      `"${path}" is a SQLite database of something else; give dfns a file of its own.`,
      {
        details: { path },
      },
    );
  }
  return getMeta(database, 'schema') ?? 0;
}

export type MetaKey = 'schema' | 'ordinal' | 'probe';

export function getMeta(database: Database, key: MetaKey): number | undefined {
  return database.prepare<[string], number>('SELECT value FROM meta WHERE key = ?').pluck().get(key);
}

export function setMeta(database: Database, key: MetaKey, value: number): void {
  database
    .prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value')
    .run(key, value);
}
