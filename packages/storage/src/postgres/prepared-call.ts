import type { Connection, Submittable } from 'pg';
import { packCall, type Scalar } from './call-messages.ts';

/** A statement that answers one row of one column of text, or null. Its name is the session's for good. */
export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
}

/** What the client keeps of a session. */
interface Session extends Connection {
  /** By name; those whose preparing was answered. */
  readonly parsedStatements: Readonly<Record<string, string>>;
}

/**
 * One call of a prepared statement, in the client's place for queries of one's own. The client's query has the columns
 * described with each answer and makes objects of rows by their types: a commit, which is told one text, would wait for it.
 */
export class PreparedCall implements Submittable {
  /** The client notes by it what the session knows. */
  readonly name: string;
  readonly text: string;
  readonly answer: Promise<string | null>;
  /** The client's, where the connection has a `query_timeout`: it is told when the call is over. */
  callback?: (error?: unknown) => void;
  readonly #values: readonly Scalar[];
  readonly #resolve: (answer: string | null) => void;
  readonly #reject: (error: unknown) => void;
  #told: string | null = null;

  constructor({ name, text }: PreparedStatement, values: readonly Scalar[]) {
    this.name = name;
    this.text = text;
    this.#values = values;
    const { promise, resolve, reject } = Promise.withResolvers<string | null>();
    this.answer = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    const { name, text } = this;
    const { stream } = connection;
    if (name in (connection as Session).parsedStatements) {
      stream.write(packCall(name, this.#values));
      return;
    }
    // One write for all.
    stream.cork();
    try {
      connection.parse({ name, text, types: [] }, true);
      stream.write(packCall(name, this.#values));
    } finally {
      stream.uncork();
    }
  }

  handleDataRow({ fields }: { readonly fields: readonly (string | null)[] }): void {
    this.#told = fields[0] ?? null;
  }

  handleCommandComplete(): void {
    // Nothing is committed yet.
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#told);
    this.callback?.();
  }

  handleError(error: unknown): void {
    this.#reject(error);
    this.callback?.(error);
  }
}
