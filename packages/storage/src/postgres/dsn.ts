import { DfnsError } from '@dfnsjs/actor-core';

/** A store's address without what nobody else may see: no message, log line or error holds anything else of a URL. */
export interface Address {
  /** As in `postgres://user@host:5432/app`. */
  readonly shown: string;
}

/** VALIDATION for a URL that is none; what it says holds nothing of it, since any part may be the password. */
export function parseAddress(url: string): Address {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The cause is left out: it holds the URL.
    throw new DfnsError(
      'VALIDATION',
      'The URL of the Postgres store cannot be read: it is postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of user and password percent-encoded.',
    );
  }
  const { username, host, pathname } = parsed;
  return { shown: `postgres://${username}${username && '@'}${host}${pathname}` };
}
