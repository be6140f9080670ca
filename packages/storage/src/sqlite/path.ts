import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { DfnsError } from '@dfnsjs/actor-core';

/**
 * The one absolute name of a store file, so that two names of it meet the same lock. The directory must be there:
 * making it would turn a typing error into an empty store.
 */
export function resolveStorePath(path: string): string {
  if (path === '' || path === ':memory:') {
    throw new DfnsError(
      'VALIDATION',
      `A sqlite store needs a file, as in "sqlite:./dfns.db"; use "memory:" for one in memory.`,
    );
  }
  const absolute = resolve(path);
  const directory = dirname(absolute);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw new DfnsError(
      'VALIDATION',
      `The directory of the store "${absolute}" does not exist: create it, or correct the path.`,
      {
        details: { path: absolute },
      },
    );
  }
  const file = statSync(absolute, { throwIfNoEntry: false });
  if (file?.isDirectory()) {
    throw new DfnsError('VALIDATION', `The store "${absolute}" is a directory; name a file in it.`, {
      details: { path: absolute },
    });
  }
  return file ? realpathSync(absolute) : join(realpathSync(directory), basename(absolute));
}
