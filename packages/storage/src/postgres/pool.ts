import type { AtRest } from '@dfnsjs/actor-core/ports';
import { Connection, ConnectionLost, type ConnectionSettings, type Parameter, type Row } from './connection.ts';
import { Deadline } from './deadline.ts';
import type { Scalar } from './call-messages.ts';
import type { PreparedStatement } from './prepared-call.ts';

/** Its first statement settles what a transaction sees. */
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1';

type Ask<T> = (connection: Connection, deadline: Deadline) => Promise<T>;

/**
 * Up to `size` connections, opened when there is something to ask, and a statement at a time in each. Whatever is asked
 * ends within its deadline, the wait for a connection included.
 */
export class Pool {
  readonly #size: number;
  readonly #settings: () => ConnectionSettings;
  readonly #idle: Connection[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #deadlines = new Set<Deadline>();
  #taken = 0;
  #closed = false;

  /** The settings may change: a connection with another name is not used again. */
  constructor(size: number, settings: () => ConnectionSettings) {
    this.#size = size;
    this.#settings = settings;
  }

  get busy(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Rejects with the server's error (DatabaseError) or ConnectionLost. */
  query(deadlineMs: number, text: string, values: readonly Parameter[] = []): Promise<Row[]> {
    return this.#within(deadlineMs, (connection, deadline) => connection.query(text, values, deadline));
  }

  /** As `query`, by `Connection.call`. */
  call(deadlineMs: number, statement: PreparedStatement, values: readonly Scalar[]): Promise<string | null> {
    return this.#within(deadlineMs, (connection, deadline) => connection.call(statement, values, deadline));
  }

  /** As `query`, of what is committed at a moment within `atRest`: that one only begins what then sees no more than that. */
  queryAsOf(deadlineMs: number, atRest: AtRest, text: string, values: readonly Parameter[]): Promise<Row[]> {
    return this.#within(deadlineMs, async (connection, deadline) => {
      const late = Promise.withResolvers<never>();
      try {
        const began = atRest(async () => void (await connection.query(BEGIN, [], deadline)));
        await deadline.during(Promise.race([began, late.promise]), () =>
          late.reject(new ConnectionLost('the moment did not come until the deadline', false)),
        );
        const rows = await connection.query(text, values, deadline);
        await connection.query('COMMIT', [], deadline);
        return rows;
      } catch (error) {
        // It may be in a transaction, and may be asked to begin one yet.
        connection.destroy('it was given up in a transaction');
        throw error;
      }
    });
  }

  /** Opens all of its connections ahead of whoever asks first; one that fails is left to those who ask. */
  open(deadlineMs: number): void {
    for (let i = 0; i < this.#size; i++) this.query(deadlineMs, 'SELECT').catch(() => undefined);
  }

  /** What is asked or waits is given up. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const deadline of this.#deadlines) deadline.expire();
    await Promise.all(this.#idle.splice(0).map(connection => connection.close()));
  }

  async #within<T>(deadlineMs: number, ask: Ask<T>): Promise<T> {
    if (this.#closed) throw new ConnectionLost('it is closed', false);
    const deadline = new Deadline(deadlineMs);
    this.#deadlines.add(deadline);
    try {
      await this.#turn(deadline);
      return await this.#ask(deadline, ask);
    } finally {
      deadline.end();
      this.#deadlines.delete(deadline);
    }
  }

  async #ask<T>(deadline: Deadline, ask: Ask<T>): Promise<T> {
    let connection: Connection | undefined;
    try {
      connection = this.#reuse() ?? (await Connection.open(this.#settings(), deadline));
      return await ask(connection, deadline);
    } finally {
      if (connection?.isUsable) {
        if (this.#closed) void connection.close();
        else this.#idle.push(connection);
      }
      const next = this.#waiting.shift();
      if (next) next();
      else this.#taken--;
    }
  }

  #reuse(): Connection | undefined {
    const { name } = this.#settings();
    for (;;) {
      const connection = this.#idle.pop();
      if (!connection) return undefined;
      if (connection.isUsable && connection.name === name) return connection;
      void connection.close();
    }
  }

  /** One that waits is handed the place of one that has its answer. */
  async #turn(deadline: Deadline): Promise<void> {
    if (this.#taken < this.#size) {
      this.#taken++;
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    await deadline.during(promise, () => {
      const place = this.#waiting.indexOf(resolve);
      if (place < 0) return;
      this.#waiting.splice(place, 1);
      reject(new ConnectionLost('all connections were busy until the deadline', false));
    });
  }
}
