import type { Clock, Log, Timer } from '@dfnsjs/actor-core/ports';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;

/** Repeats what must be done for as long as the store does not answer, until the node stops. */
export class Persistence {
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #log: Log;
  readonly #waits = new Map<Timer, () => void>();
  #stopped = false;

  constructor(clock: Pick<Clock, 'now' | 'setTimer'>, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** undefined: the node stopped first. `longestMs`: between two tries. */
  async attempt<T>(what: string, run: () => Promise<T>, longestMs = LONGEST_RETRY_MS): Promise<T | undefined> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.#stopped) {
      try {
        return await run();
      } catch (error) {
        if (this.#stopped) return undefined;
        this.#log.write('warn', `${what} failed and is tried again`, {
          error: error instanceof Error ? error.message : String(error),
          retryMs,
        });
        await this.wait(retryMs);
        retryMs = Math.min(longestMs, retryMs * 2);
      }
    }
    return undefined;
  }

  wait(ms: number): Promise<void> {
    return new Promise(resolve => {
      const timer = this.#clock.setTimer(this.#clock.now() + ms, () => {
        this.#waits.delete(timer);
        resolve();
      });
      this.#waits.set(timer, resolve);
    });
  }

  stop(): void {
    this.#stopped = true;
    for (const [timer, resolve] of this.#waits) {
      timer.cancel();
      resolve();
    }
    this.#waits.clear();
  }
}
