import { DfnsError } from '@dfnsjs/actor-core';
import type { DeathNote, Store } from '@dfnsjs/actor-core/ports';
import type { Migrated } from './postgres/migrate.ts';

export type { Migrated };

export interface OpenOptions {
  /** Milliseconds since the epoch: the clock of stores that have none of their own. */
  readonly clock: () => number;
}

type Driver = (rest: string, options: OpenOptions) => Promise<Store>;

/** By the URL's scheme; a driver is loaded when it is asked for. */
const DRIVERS: ReadonlyMap<string, Driver> = new Map<string, Driver>([
  ['memory', async (_rest, options) => new (await import('./memory/store.ts')).MemoryStore(options)],
  ['postgres', async rest => (await import('./postgres/open.ts')).openPostgres(`postgres:${rest}`)],
  ['sqlite', async (path, options) => (await import('./sqlite/open.ts')).openSqlite(path, options)],
]);

/**
 * Opens the store that `url` names: `memory:` (gone with the process), `sqlite:PATH` or `postgres://…`. VALIDATION for
 * a scheme that no driver has or a URL that cannot be a store; UNAVAILABLE where another process holds it, the server
 * cannot be reached, or it is not migrated.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  const { scheme, rest } = split(url);
  return DRIVERS.get(scheme)!(rest, options);
}

/**
 * Brings a store that nodes share to this build's schema; with `check` it only tells what is pending. undefined: a store
 * of one process, which does so by itself when it is opened. Errors as of `openStore`.
 */
export async function migrateStore(url: string, options: { readonly check: boolean }): Promise<Migrated | undefined> {
  const { scheme } = split(url);
  if (scheme !== 'postgres') return undefined;
  return (await import('./postgres/open.ts')).migratePostgres(url, options);
}

/**
 * Notes whose code a process dies of, without the store that it has open; for `deadlineMs` at most, and rejects where
 * it could not be noted. undefined: `url` names a store of one process, whose deaths are noted in a file beside it.
 */
export function noteDeath(url: string, death: DeathNote, deadlineMs: number): Promise<void> | undefined {
  const { scheme } = split(url);
  if (scheme !== 'postgres') return undefined;
  return import('./postgres/open.ts').then(({ noteDeathInPostgres }) => noteDeathInPostgres(url, death, deadlineMs));
}

function split(url: string): { readonly scheme: string; readonly rest: string } {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(colon, 0));
  if (!DRIVERS.has(scheme)) {
    // Of a URL only the scheme is shown, since the rest of one may hold a password.
    const what = colon > 0 ? `No store driver for "${scheme}"` : `"${withoutUser(url)}" is no URL of a store`;
    throw new DfnsError(
      'VALIDATION',
      `${what}: a store is "memory:", "sqlite:PATH" or "postgres://USER:PASSWORD@HOST/DATABASE".`,
      { details: { scheme, schemes: [...DRIVERS.keys()] } },
    );
  }
  return { scheme, rest: url.slice(colon + 1) };
}

/** What may be a URL without its scheme, without what may be a password. */
function withoutUser(text: string): string {
  return text
    .slice(text.lastIndexOf('@') + 1)
    .replace(/\?.*/s, '')
    .slice(0, 100);
}

/** A file of a store's own name and folder, for what goes with it but is none of its data; undefined where it has none. */
export async function fileBeside(url: string, suffix: string): Promise<string | undefined> {
  if (!url.startsWith('sqlite:')) return undefined;
  const { resolveStorePath } = await import('./sqlite/path.ts');
  return resolveStorePath(url.slice('sqlite:'.length)) + suffix;
}
