import { type Installation, type PostgresServer, startPostgres } from '@dfnsjs/postgres-server';
import { migratePostgres } from './open.ts';

/** A server for the tests of one file, with a template of a migrated database whose clock is a table. */
export class Databases {
  readonly server: PostgresServer;
  readonly #template: string;

  private constructor(server: PostgresServer, template: string) {
    this.server = server;
    this.#template = template;
  }

  static async start(installation?: Installation, settings: Readonly<Record<string, string>> = {}): Promise<Databases> {
    const server = await startPostgres(installation ? { installation, settings } : { settings });
    const template = await server.createDatabase();
    await migratePostgres(server.url(template), { check: false });
    await server.run(
      template,
      `CREATE TABLE dfns.test_clock AS SELECT 1700000000000::double precision AS ms;
       CREATE OR REPLACE FUNCTION dfns.clock_ms() RETURNS double precision LANGUAGE sql VOLATILE AS
       $$ SELECT ms FROM dfns.test_clock $$`,
    );
    return new Databases(server, template);
  }

  /** A store's database of its own: its name. */
  create(): Promise<string> {
    return this.server.createDatabase(this.#template);
  }

  /** As new, in a hundredth of the time that a new one takes. No store may have it open. */
  async empty(database: string): Promise<void> {
    const tables = 'run current journal snapshot inbox attribute idempotency shard node lane death'.split(' ');
    const deletes = tables.map(table => `DELETE FROM dfns.${table}`).join('; ');
    await this.server.run(
      database,
      `${deletes}; UPDATE dfns.meta SET value = 0 WHERE key IN ('ordinal', 'membership')`,
    );
  }

  async advance(database: string, ms: number): Promise<void> {
    await this.server.run(database, 'UPDATE dfns.test_clock SET ms = ms + $1', [ms]);
  }

  stop(): Promise<void> {
    return this.server.stop();
  }
}
