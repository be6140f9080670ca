/** Programs of a Postgres server. */
export interface Installation {
  readonly version: string;
  readonly initdb: string;
  readonly postgres: string;
}

/** The one that comes with the packages of this repository, and Debian's where there are some. */
export function installations(): readonly Installation[];

/** A server of a test's own, on a free port of this machine, in a folder of its own. */
export interface PostgresServer {
  readonly port: number;
  readonly pid: number;
  /** Also by itself. */
  readonly hasEnded: boolean;
  /** With the password, as a superuser. */
  url(database: string): string;
  /** An empty database; its name. */
  createDatabase(template?: string): Promise<string>;
  /** Statements outside of any store, one after the other. */
  run(database: string, sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends the process as a power cut does, or at once but in order, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Again, on the same port and folder. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** Default: the first of `installations`. */
  readonly installation?: Installation;
  /** Lines for postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Where its folder is made. Default: that of the system for what is temporary. */
  readonly home?: string;
}

export function startPostgres(options?: ServerOptions): Promise<PostgresServer>;

/** A pooler in transaction mode before a server. */
export interface PgBouncer {
  url(database: string): string;
  stop(): Promise<void>;
}

/** With `settings` besides. undefined: it is not installed here. */
export function startPgBouncer(
  server: PostgresServer,
  settings?: Readonly<Record<string, string>>,
): Promise<PgBouncer | undefined>;
