import { DfnsError } from '@dfnsjs/actor-core';
import type { Store } from '@dfnsjs/actor-core/ports';

export interface OpenOptions {
  /** Milliseconds since the epoch: the clock of stores that have none of their own. */
  readonly clock: () => number;
}

type Driver = (rest: string, options: OpenOptions) => Promise<Store>;

/** By the URL's scheme; a driver is loaded when it is asked for. */
const DRIVERS: ReadonlyMap<string, Driver> = new Map([
  ['memory', async (_rest, options) => new (await import('./memory/store.ts')).MemoryStore(options)],
  ['sqlite', async (path, options) => (await import('./sqlite/open.ts')).openSqlite(path, options)],
]);

/**
 * Opens the store that `url` names: `memory:` (gone with the process) or `sqlite:PATH`. VALIDATION for a scheme that no
 * driver has or a path that cannot be a store, UNAVAILABLE where another process holds it.
 */
export async function openStore(url: string, options: OpenOptions): Promise<Store> {
  const colon = url.indexOf(':');
  const scheme = url.slice(0, Math.max(colon, 0));
  const driver = DRIVERS.get(scheme);
  if (!driver) {
    // Of the URL only the scheme is shown, since the rest of one may hold a password.
    throw new DfnsError('VALIDATION', `No store driver for "${scheme}": a store is "memory:" or "sqlite:PATH".`, {
      details: { scheme, schemes: [...DRIVERS.keys()] },
    });
  }
  return driver(url.slice(colon + 1), options);
}

/** A file of a store's own name and folder, for what goes with it but is none of its data; undefined where it has none. */
export async function fileBeside(url: string, suffix: string): Promise<string | undefined> {
  if (!url.startsWith('sqlite:')) return undefined;
  const { resolveStorePath } = await import('./sqlite/path.ts');
  return resolveStorePath(url.slice('sqlite:'.length)) + suffix;
}
