import { type PostgresServer, startPostgres } from '@dfnsjs/postgres-server';
import { migrateStore } from '@dfnsjs/storage';
import test from 'ava';

let started: Promise<{ readonly server: PostgresServer; readonly template: string }> | undefined;

/** The server of this test file, which goes with it. */
async function start() {
  const server = await startPostgres();
  const template = await server.createDatabase();
  await migrateStore(server.url(template), { check: false });
  return { server, template };
}

test.after.always(async () => (await started)?.server.stop());

/** A migrated store of its own: its URL, and statements in its database. */
export async function postgresStore() {
  const { server, template } = await (started ??= start());
  const database = await server.createDatabase(template);
  return { store: server.url(database), run: (sql: string) => server.run(database, sql) };
}

/** The URL of a database in which dfns has nothing. */
export async function emptyDatabase(): Promise<string> {
  const { server } = await (started ??= start());
  return server.url(await server.createDatabase());
}
