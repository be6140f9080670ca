import { DfnsError } from '@dfnsjs/actor-core';
import type { Row } from './connection.ts';
import { COMMIT } from './migrations/001-commit.ts';
import { OWNERSHIP } from './migrations/001-ownership.ts';
import { REMOVAL } from './migrations/001-removal.ts';
import { TABLES } from './migrations/001-tables.ts';

interface Migration {
  readonly name: string;
  readonly sql: string;
  /** The oldest schema number that a build must know to run on this one. */
  readonly runsFrom: number;
}

/** One entry a schema version, in order: entry n brings version n to n + 1. Never edited once released. */
export const MIGRATIONS: readonly Migration[] = [
  { name: 'tables', sql: TABLES + COMMIT + OWNERSHIP + REMOVAL, runsFrom: 1 },
];

/** Any number that nothing else in the database locks: 'dfns' in ASCII. */
const LOCK = 0x64666e73;

/** The oldest server whose indexes serve a search by prefix, as its `server_version_num`. */
const OLDEST_SERVER = 150_000;

/** What a node must know before it uses the database. */
export const STATE = `SELECT current_setting('server_version_num')::integer AS server,
  current_setting('server_encoding') AS encoding, current_setting('default_transaction_isolation') AS isolation, pg_is_in_recovery() AS standby,
  to_regclass('dfns.meta') IS NOT NULL AS migrated`;

export const VERSIONS = "SELECT key, value FROM dfns.meta WHERE key IN ('schema', 'runs-from')";

/** All that is pending in one transaction, and the lock in it: two that migrate at once are one after the other. */
export const BEGIN = `BEGIN;
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;
SELECT pg_advisory_xact_lock(${LOCK})`;

export const PREPARE = `CREATE TABLE IF NOT EXISTS dfns.meta (key text PRIMARY KEY, value bigint NOT NULL)`;

export const SET_VERSION = `INSERT INTO dfns.meta VALUES ('schema', $1), ('runs-from', $2)
ON CONFLICT (key) DO UPDATE SET value = excluded.value`;

/** VALIDATION for a server or database that is none for a store, UNAVAILABLE for one that is read-only for now. */
export function checkServer(shown: string, state: Row): void {
  const { server, encoding, isolation, standby } = state;
  if (Number(server) < OLDEST_SERVER) {
    throw new DfnsError('VALIDATION', `The server of ${shown} is older than Postgres 15: use a newer one.`, {
      details: { server },
    });
  }
  if (encoding !== 'UTF8') {
    throw new DfnsError(
      'VALIDATION',
      `The database ${shown} has encoding ${String(encoding)}: create it with ENCODING 'UTF8'.`,
      { details: { encoding } },
    );
  }
  if (isolation !== 'read committed') {
    throw new DfnsError(
      'VALIDATION',
      `Sessions of ${shown} begin as ${String(isolation)}, and dfns needs what was committed last: give its role and database the default_transaction_isolation 'read committed'.`,
      { details: { isolation } },
    );
  }
  if (standby === true) {
    throw new DfnsError('UNAVAILABLE', `The server of ${shown} is a standby, which takes no writes: use its primary.`);
  }
}

/** UNAVAILABLE where this build cannot run on the schema, with what is to be done. */
export function checkSchema(shown: string, { schema, runsFrom }: Versions): void {
  const known = MIGRATIONS.length;
  if (schema < known) {
    const found = schema === 0 ? 'is not prepared for dfns' : `has schema ${schema}, this build needs ${known}`;
    throw new DfnsError('UNAVAILABLE', `The store ${shown} ${found}: run dfns migrate --store ${shown}`, {
      details: { schema, known },
    });
  }
  if (runsFrom > known) {
    throw new DfnsError(
      'UNAVAILABLE',
      `The store ${shown} has schema ${schema}, which this build of dfns is too old for (it knows ${known}): run a newer one.`,
      { details: { schema, known } },
    );
  }
}

/** What a migration did, or would do. */
export interface Migrated {
  /** 0: dfns had no tables there. */
  readonly from: number;
  readonly to: number;
  /** Names of the versions in between. */
  readonly steps: readonly string[];
}

export interface Versions {
  /** 0: dfns has no tables there. */
  readonly schema: number;
  readonly runsFrom: number;
}

export function versionsOf(rows: readonly Row[]): Versions {
  const of = (key: string) => Number(rows.find(row => row['key'] === key)?.['value'] ?? 0);
  return { schema: of('schema'), runsFrom: of('runs-from') };
}
