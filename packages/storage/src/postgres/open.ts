import { DfnsError } from '@dfnsjs/actor-core';
import type { DeathNote, Store } from '@dfnsjs/actor-core/ports';
import pg from 'pg';
import { ROW_TYPES, type RowTypes } from './batch-sections.ts';
import { Connection, type Parameter, type Row } from './connection.ts';
import { Deadline } from './deadline.ts';
import { deathParameters, NOTE_DEATH } from './deaths.ts';
import { parseAddress } from './dsn.ts';
import { describe } from './failure.ts';
import {
  BEGIN,
  checkSchema,
  checkServer,
  MIGRATIONS,
  PREPARE,
  SET_VERSION,
  STATE,
  type Migrated,
  type Versions,
  VERSIONS,
  versionsOf,
} from './migrate.ts';
import { Pool } from './pool.ts';
import { Pools } from './pools.ts';
import { PostgresStore } from './store.ts';

export interface PostgresOptions {
  /** A call is given up after it, in milliseconds; what writes, after half a lease where that is less. Default 10 s. */
  readonly deadlineMs?: number;
}

/** A migration may rewrite a table; whoever waits for one can stop it. */
const MIGRATION_MS = 24 * 3_600_000;
const CONNECT_MS = 10_000;

/**
 * Opens the store in the database of `url` (`postgres://USER:PASSWORD@HOST:PORT/DATABASE`). UNAVAILABLE where the
 * server cannot be reached or `dfns migrate` has not been run, VALIDATION for a URL or database that cannot be a store.
 */
export async function openPostgres(url: string, options: PostgresOptions = {}): Promise<Store> {
  const { shown } = parseAddress(url);
  const pools = new Pools(url, options.deadlineMs);
  try {
    const ask = (sql: string) => pools.readers.query(pools.readMs, sql);
    checkSchema(shown, await stateOf(shown, ask));
    const [row] = await ask('SELECT coalesce(max(try), 0) AS try FROM dfns.lane');
    const [types] = await ask(ROW_TYPES);
    return new PostgresStore(pools, types as unknown as RowTypes, Number(row?.['try']));
  } catch (cause) {
    await pools.close();
    throw openError(shown, cause);
  }
}

/**
 * Notes a death over a connection of its own, from a thread that outlives its main loop by a moment. Rejects where it
 * is not noted within `deadlineMs`.
 */
export async function noteDeathInPostgres(url: string, death: DeathNote, deadlineMs: number): Promise<void> {
  const pool = new Pool(1, () => ({ url, name: 'dfns', timeoutMs: deadlineMs }));
  try {
    await pool.query(deadlineMs, NOTE_DEATH, deathParameters(death));
  } catch (cause) {
    throw openError(parseAddress(url).shown, cause);
  } finally {
    await pool.close();
  }
}

/** Brings the database to this build's schema, in one transaction. With `check` it only tells. */
export async function migratePostgres(url: string, { check }: { readonly check: boolean }): Promise<Migrated> {
  const { shown } = parseAddress(url);
  const deadline = new Deadline(MIGRATION_MS);
  let connection: Connection | undefined;
  try {
    connection = await connect(url);
    const session = connection;
    const ask = (sql: string, values: readonly Parameter[] = []) => session.query(sql, values, deadline);
    if (check) return pending(await stateOf(shown, ask));
    await stateOf(shown, ask);
    await ask(BEGIN);
    // A role that may not make the schema can be given one.
    const [has] = await ask("SELECT to_regnamespace('dfns') IS NOT NULL AS made");
    if (has?.['made'] !== true) await ask('CREATE SCHEMA dfns');
    await ask(PREPARE);
    const migrated = pending(versionsOf(await ask(VERSIONS)));
    for (const { sql } of MIGRATIONS.slice(migrated.from)) await ask(sql);
    const last = MIGRATIONS.at(-1)!;
    if (migrated.steps.length > 0) await ask(SET_VERSION, [migrated.to, last.runsFrom]);
    await ask('COMMIT');
    return migrated;
  } catch (cause) {
    throw openError(shown, cause);
  } finally {
    deadline.end();
    // What is not committed goes with the connection.
    await connection?.close();
  }
}

async function connect(url: string): Promise<Connection> {
  const deadline = new Deadline(CONNECT_MS);
  try {
    return await Connection.open({ url, name: 'dfns migrate', timeoutMs: 0 }, deadline);
  } finally {
    deadline.end();
  }
}

function pending({ schema }: Versions): Migrated {
  const steps = MIGRATIONS.slice(schema).map(({ name }) => name);
  return { from: schema, to: schema + steps.length, steps };
}

async function stateOf(shown: string, ask: (sql: string) => Promise<Row[]>): Promise<Versions> {
  const [state] = await ask(STATE);
  checkServer(shown, state ?? {});
  return versionsOf(state?.['migrated'] === true ? await ask(VERSIONS) : []);
}

function openError(shown: string, cause: unknown): DfnsError {
  if (cause instanceof DfnsError) return cause;
  const code = cause instanceof pg.DatabaseError ? cause.code : undefined;
  return new DfnsError('UNAVAILABLE', `The store ${shown} cannot be used: ${describe(cause)}.`, {
    details: { store: shown, ...(code === undefined ? {} : { sqlState: code }) },
  });
}
