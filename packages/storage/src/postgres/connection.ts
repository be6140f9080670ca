import { Socket } from 'node:net';
import pg from 'pg';
import type { Deadline } from './deadline.ts';
import type { Scalar } from './call-messages.ts';
import { PreparedCall, type PreparedStatement } from './prepared-call.ts';
import { packText, unpackText } from './text.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Parameter = Scalar | readonly number[];

/** The connection is gone: the server said nothing definite about what was asked. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
  /** False: the statement never left this process. */
  readonly wasSent: boolean;

  constructor(message: string, wasSent: boolean) {
    super(message);
    this.wasSent = wasSent;
  }
}

export interface ConnectionSettings {
  readonly url: string;
  /** What the server shows of the session, and finds it by. */
  readonly name: string;
  /** How long the server lets a statement or an idle transaction last, and half as long a wait for a lock: it has an answer. */
  readonly timeoutMs: number;
}

/** Numbers of types, as the server names them in an answer. */
const BIGINT = 20;
const TEXT = 25;

/** A bigint is a number: all that dfns stores in one is whole and below 2^53. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (type, format) => {
    const oid: number = type;
    return oid === BIGINT ? Number : oid === TEXT ? unpackText : pg.types.getTypeParser(type, format);
  },
};

/** A pooler's answer to settings of a session, which it cannot keep. */
const UNSUPPORTED_PARAMETER = '08P01';
/** A statement of that name is not known, or already: the session is not the one that it was. */
const OF_ANOTHER_SESSION = new Set(['26000', '42P05']);
/** Errors that end a statement and leave the session, in whatever language the server names their severity. */
const OF_A_STATEMENT = /^(22|23|40|42|55|DF|25006|57014)/;
/** How long a server may take to say goodbye. */
const GOODBYE_MS = 1_000;
const LATE = 'the server did not answer in time';

/** One connection, and at most one statement in it at a time. */
export class Connection {
  readonly name: string;
  readonly #client: pg.Client;
  readonly #socket = new Socket();
  #lost: string | undefined;
  #prepares: boolean;

  private constructor({ url, name, timeoutMs }: ConnectionSettings, keepsSettings: boolean) {
    this.name = name;
    this.#prepares = keepsSettings;
    this.#client = new pg.Client({
      connectionString: url,
      application_name: name,
      keepAlive: true,
      types: TYPES,
      stream: () => this.#socket,
      ...(keepsSettings && {
        statement_timeout: timeoutMs,
        lock_timeout: Math.ceil(timeoutMs / 2),
        idle_in_transaction_session_timeout: timeoutMs,
      }),
    });
    this.#client.on('error', error => this.destroy(error.message));
    this.#client.on('end', () => this.destroy('it was closed'));
  }

  /** Rejects with the server's error or with ConnectionLost. */
  static async open(settings: ConnectionSettings, deadline: Deadline): Promise<Connection> {
    try {
      return await Connection.#open(settings, deadline, true);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && error.code === UNSUPPORTED_PARAMETER)) throw error;
      // What bounds a statement then is the deadline here, and the wait for locks that it sets itself.
      return Connection.#open(settings, deadline, false);
    }
  }

  static async #open(settings: ConnectionSettings, deadline: Deadline, keepsSettings: boolean): Promise<Connection> {
    const connection = new Connection(settings, keepsSettings);
    try {
      await deadline.during(connection.#client.connect(), () => connection.destroy(LATE));
      return connection;
    } catch (error) {
      const why = connection.#lost ?? messageOf(error);
      connection.destroy(why);
      throw error instanceof pg.DatabaseError ? error : new ConnectionLost(why, false);
    }
  }

  get isUsable(): boolean {
    return this.#lost === undefined;
  }

  /** Rejects with the server's error or ConnectionLost. */
  async query(text: string, values: readonly Parameter[], deadline: Deadline): Promise<Row[]> {
    const parameters = values.map(value => (typeof value === 'string' ? packText(value) : value));
    return (await this.#asked(() => this.#client.query<Row>({ text, values: parameters }), deadline)).rows;
  }

  /** As `query`. The statement is parsed once a session, where the session is this connection's own. */
  async call(statement: PreparedStatement, values: readonly Scalar[], deadline: Deadline): Promise<string | null> {
    if (this.#prepares) {
      try {
        return await this.#asked(() => this.#client.query(new PreparedCall(statement, values)).answer, deadline);
      } catch (error) {
        if (!(error instanceof pg.DatabaseError && OF_ANOTHER_SESSION.has(error.code ?? ''))) throw error;
        // It was not carried out: whoever takes the session away between two statements takes its statements too.
        this.#prepares = false;
      }
    }
    const [row] = await this.query(statement.text, values, deadline);
    return Object.values(row ?? {})[0] as string | null;
  }

  async #asked<T>(ask: () => Promise<T>, deadline: Deadline): Promise<T> {
    if (this.#lost !== undefined) throw new ConnectionLost(this.#lost, false);
    try {
      return await deadline.during(ask(), () => this.destroy(LATE));
    } catch (error) {
      if (error instanceof pg.DatabaseError && isOfStatement(error)) throw error;
      // What ends a session says nothing of what was asked last in it.
      const why = this.#lost ?? messageOf(error);
      this.destroy(why);
      throw new ConnectionLost(why, true);
    }
  }

  destroy(why: string): void {
    if (this.#lost !== undefined) return;
    this.#lost = why;
    this.#socket.destroy(new Error(why));
  }

  /** Says goodbye, and waits until the server has closed. */
  async close(): Promise<void> {
    if (this.#lost !== undefined) return;
    this.#lost = 'it is closed';
    const impatience = setTimeout(() => this.#socket.destroy(), GOODBYE_MS);
    await this.#client.end().finally(() => clearTimeout(impatience));
  }
}

function isOfStatement(error: pg.DatabaseError): boolean {
  return error.severity === 'ERROR' || OF_A_STATEMENT.test(error.code ?? '');
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
