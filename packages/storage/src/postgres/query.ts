import type { Parameter } from './connection.ts';

/** A statement and what stands in its places. */
export interface Query {
  readonly sql: string;
  readonly values: readonly Parameter[];
}
