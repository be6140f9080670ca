import test from 'ava';
import Database from 'better-sqlite3';
import { DfnsError } from '@dfnsjs/actor-core';
import { OutcomeUnknownError, StoreRefusedError } from '@dfnsjs/actor-core/ports';
import { commitFailure, refused } from './failure.ts';

test('a COMMIT that failed is refused where its last frame cannot stand in the log, else its outcome is unknown', t => {
  const kindOf = (code: string) => commitFailure(new Database.SqliteError('m', code)).constructor;
  for (const code of ['SQLITE_FULL', 'SQLITE_READONLY', 'SQLITE_READONLY_DBMOVED'])
    t.is(kindOf(code), StoreRefusedError);
  for (const code of ['SQLITE_IOERR_FSYNC', 'SQLITE_IOERR_WRITE', 'SQLITE_CORRUPT', 'SQLITE_NOMEM']) {
    t.is(kindOf(code), OutcomeUnknownError);
  }
  t.is(commitFailure(new Error('?')).constructor, OutcomeUnknownError);
});

test('what fails outside of COMMIT is refused, with its cause; errors that say more stay as they are', t => {
  const cause = new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_READ');
  const error = refused('Runs cannot be read', cause);
  t.is(error.constructor, StoreRefusedError);
  t.is(error.message, 'Runs cannot be read: disk I/O error (SQLITE_IOERR_READ)');
  t.is(error.cause, cause);
  const told = new DfnsError('VALIDATION', 'told');
  t.is(refused('x', told), told);
});
