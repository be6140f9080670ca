import { validation } from '../errors/dfns-error.ts';
import { readOptions } from '../options/known-options.ts';
import { parseDuration } from '../time/duration.ts';

/** What a wait gives when its timeout passes, and after how many milliseconds. */
export interface WaitLimit {
  readonly timeoutMs: number | undefined;
  readonly otherwise: { readonly value: unknown } | null;
}

const UNLIMITED: WaitLimit = { timeoutMs: undefined, otherwise: null };

/** The options `timeout` and `else` of a wait. */
export function parseWaitLimit(options: unknown, what: string): WaitLimit {
  if (options === undefined) return UNLIMITED;
  const given = readOptions(options, what, ['timeout', 'else']);
  const otherwise = typeof options === 'object' && options !== null && 'else' in options;
  if (given.timeout === undefined) {
    if (otherwise) throw validation(`${what} has an else but no timeout at which it would be given.`);
    return UNLIMITED;
  }
  return {
    timeoutMs: parseDuration(given.timeout, `timeout of ${what}`),
    otherwise: otherwise ? { value: given.else } : null,
  };
}
