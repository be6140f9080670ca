/** What stands behind an error: another error, or whatever else was thrown. */
export type RecordedCause = RecordedError | { readonly value: unknown };

/**
 * An error as the journal and the wire keep it: a plain tree of values that all can be encoded, bounded in size and
 * depth. Values in `props`, `details` and `value` are copies; an Error among them stays an Error.
 */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string | number;
  /** The error's own enumerable fields, other than those that have a place here. */
  readonly props?: Readonly<Record<string, unknown>>;
  readonly cause?: RecordedCause;
  /** Of an AggregateError. */
  readonly errors?: readonly RecordedCause[];
  readonly details?: unknown;
  /** Names of its classes below Error, most derived first, where `name` alone does not say them. */
  readonly classes?: readonly string[];
}
