import { setTimeout as pause } from 'node:timers/promises';
import { DfnsError } from '@dfnsjs/actor-core';
import type { Io } from './io.ts';

/** So long a node that answered before may be away: a dev server that loads a change, or is started by hand again. */
const AWAY_MS = 60_000;
const ASK_EVERY_MS = 500;

/**
 * Asks on while a node is away for a while. Who follows something is told once that it waits, and once that it goes on.
 * A node that has never answered is away for good.
 */
export class Absence {
  readonly #io: Io;
  #hasAnswered: boolean;
  /** How often it was waited for: so often there are lines of this on the terminal. */
  count = 0;

  /** `hasAnswered`: it did so before. */
  constructor(io: Io, hasAnswered = false) {
    this.#io = io;
    this.#hasAnswered = hasAnswered;
  }

  async ask<T>(call: () => Promise<T>): Promise<T> {
    let awaySince: number | undefined;
    for (;;) {
      try {
        const answer = await call();
        if (awaySince !== undefined) this.#io.stderr.write('The node is back.\n');
        this.#hasAnswered = true;
        return answer;
      } catch (error) {
        this.#io.interrupted.throwIfAborted();
        if (!this.#hasAnswered || !isUnavailable(error)) throw error;
        if (awaySince === undefined) {
          this.#io.stderr.write(`${error.message} Waiting for it.\n`);
          this.count++;
          awaySince = performance.now();
        }
        if (performance.now() - awaySince > AWAY_MS) throw error;
      }
      await pause(ASK_EVERY_MS, undefined, { signal: this.#io.interrupted });
    }
  }
}

export function isUnavailable(error: unknown): error is DfnsError {
  return error instanceof DfnsError && error.code === 'UNAVAILABLE';
}
