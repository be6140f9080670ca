import { DfnsError, TimeoutError, type Duration } from '@dfnsjs/actor-core';
import { parseDuration, readOptions } from '@dfnsjs/actor-core/values';
import type { Clock } from '@dfnsjs/actor-core/ports';

/** How long a call waits for its answer. What was asked for goes on if it does not. */
export interface CallOptions {
  /** Rejects with its reason. */
  readonly abortSignal?: AbortSignal | undefined;
  /** Rejects with TimeoutError. Default: none. */
  readonly timeout?: Duration | undefined;
}

export const CALL_OPTION_NAMES = ['abortSignal', 'timeout'] as const;

export interface ParsedCall {
  readonly abortSignal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
}

export function parseCall(value: unknown, what: string): ParsedCall {
  return parseCallOptions(readOptions(value, what, CALL_OPTION_NAMES), what);
}

/** Takes the call options out of options that hold others too. */
export function splitCall(value: unknown, what: string): { readonly call: ParsedCall; readonly rest: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { call: NONE, rest: value };
  const { abortSignal, timeout, ...rest } = value as CallOptions;
  return { call: parseCallOptions({ abortSignal, timeout }, what), rest };
}

const NONE: ParsedCall = { abortSignal: undefined, timeoutMs: undefined };

function parseCallOptions(given: { abortSignal?: unknown; timeout?: unknown }, what: string): ParsedCall {
  const { abortSignal, timeout } = given;
  if (abortSignal === undefined && timeout === undefined) return NONE;
  if (abortSignal !== undefined && !(abortSignal instanceof AbortSignal)) {
    throw new DfnsError('VALIDATION', `abortSignal of ${what} must be an AbortSignal.`);
  }
  return {
    abortSignal,
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout, `timeout of ${what}`),
  };
}

/** Runs a call under its options. `run` gets a signal only where something can abort it. */
export async function withinCall<T>(
  clock: Pick<Clock, 'now' | 'setTimer'>,
  { abortSignal, timeoutMs }: ParsedCall,
  what: string,
  run: (abort: AbortSignal | undefined) => Promise<T>,
): Promise<T> {
  if (!abortSignal && timeoutMs === undefined) return run(undefined);
  abortSignal?.throwIfAborted();
  const abort = new AbortController();
  const passOn = () => abort.abort(abortSignal?.reason);
  abortSignal?.addEventListener('abort', passOn, { once: true });
  const timer =
    timeoutMs === undefined
      ? undefined
      : clock.setTimer(clock.now() + timeoutMs, () =>
          abort.abort(new TimeoutError(`${what} took longer than ${timeoutMs} ms. It goes on; ask again.`)),
        );
  const aborted = new Promise<never>((_, reject) => {
    abort.signal.addEventListener('abort', () => reject(abort.signal.reason as Error), { once: true });
  });
  try {
    return await Promise.race([run(abort.signal), aborted]);
  } finally {
    timer?.cancel();
    abortSignal?.removeEventListener('abort', passOn);
  }
}
