import { DfnsError } from '@dfnsjs/actor-core';
import type { Clock } from '@dfnsjs/actor-core/ports';
import { parseDuration } from '@dfnsjs/actor-core/values';
import { BRIEF_WAIT_MS, MAX_WAIT_MS, type Binding } from '@dfnsjs/client/http';
import type { ServerResponse } from 'node:http';

/** What a wait ends with that brought nothing: the answer is 202. */
export const WAITED = new Error('The wait is over.');

export interface Wait {
  readonly abortSignal: AbortSignal;
  end(): void;
}

/** The long polls of a server: each ends at its time, when its caller is gone, or when the server begins to drain. */
export class Waits {
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #open = new Set<AbortController>();
  #draining = false;

  constructor(clock: Pick<Clock, 'now' | 'setTimer'>) {
    this.#clock = clock;
  }

  begin(ms: number, response: ServerResponse): Wait {
    const abort = new AbortController();
    const over = () => abort.abort(WAITED);
    // What is soon there is told, and the server not held up.
    const withinMs = this.#draining ? Math.min(ms, BRIEF_WAIT_MS) : ms;
    const timer = this.#clock.setTimer(this.#clock.now() + withinMs, over);
    response.once('close', over);
    this.#open.add(abort);
    return {
      abortSignal: abort.signal,
      end: () => {
        timer.cancel();
        response.off('close', over);
        this.#open.delete(abort);
      },
    };
  }

  /** Ends all of them; later ones are short. */
  drain(): void {
    this.#draining = true;
    for (const abort of this.#open) abort.abort(WAITED);
  }
}

/** Milliseconds of `?wait=10s`, at most 55 s. undefined: it was not asked for. */
export function parseWait(text: string | readonly string[] | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (typeof text !== 'string') throw new DfnsError('VALIDATION', 'wait must be given once.');
  return Math.min(parseDuration(text, 'wait'), MAX_WAIT_MS);
}

/** How long a request of a route that waits is to wait, milliseconds. */
export function waitOf(text: string | readonly string[] | undefined, waits: NonNullable<Binding['waits']>): number {
  const askedMs = parseWait(text);
  if (waits === 'briefly') return askedMs || BRIEF_WAIT_MS;
  return askedMs ?? (waits === 'always' ? MAX_WAIT_MS : 0);
}

/** What `promise` gives, or a rejection with the reason of the abort. */
export async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort!);
  }
}
