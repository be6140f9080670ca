import { DfnsError } from '@dfnsjs/actor-core';
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import pg from 'pg';
import { ConnectionLost } from './connection.ts';

/** Of a statement that only reads: it may be asked again whatever became of it. */
export function readFailure(what: string, cause: unknown): Error {
  if (cause instanceof DfnsError || cause instanceof StoreRefusedError) return cause;
  return new StoreRefusedError(`${what}: ${describe(cause)}`, { isOutage: isOutage(cause) });
}

/** Of a statement that writes: where the server has not answered, it may have been done, or be done yet. */
export function writeFailure(what: string, cause: unknown): Error {
  if (cause instanceof ConnectionLost && cause.wasSent) {
    return new OutcomeUnknownError(`${what}, as far as is known: ${cause.message}`);
  }
  return readFailure(what, cause);
}

/** Nothing of this kind of write goes through for now: no connection, no room, no right, a read-only server, a lock. */
export function isOutage(cause: unknown): boolean {
  if (cause instanceof ConnectionLost) return true;
  return cause instanceof pg.DatabaseError && /^(08|25006|28|3D|42|53|55P03|57|58|XX)/.test(cause.code ?? '');
}

/** Somebody else wrote in between: the same statement, made again, sees it. */
export function isCollision(cause: unknown): boolean {
  return cause instanceof pg.DatabaseError && /^(23505|40001|40P01|DF001)$/.test(cause.code ?? '');
}

/**
 * The server's error is told by message and code, and is no `cause`: its details hold whole rows, which may be logged
 * nowhere.
 */
export function describe(cause: unknown): string {
  if (cause instanceof pg.DatabaseError) return `${cause.message} (${cause.code})`;
  return cause instanceof Error ? cause.message : String(cause);
}
