import {
  changeOf,
  type Changes,
  type Clock,
  type Log,
  type Measurements,
  type RetentionRule,
  type Retired,
  type Store,
} from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';

/** Executions deleted at once: as many as are gone in about this time. One may have a long history, or a short one. */
const MOST = 500;
const FEW = 10;
const BATCH_MS: Millis = 50;
/** How long others have the store between two batches, at least; else as long as the batch took. */
const PAUSE_MS: Millis = 100;

export interface RetentionSweepOptions {
  readonly store: Pick<Store, 'retire'>;
  readonly clock: Pick<Clock, 'elapsed' | 'now'>;
  readonly persistence: Pick<Persistence, 'stopped' | 'wait'>;
  readonly incarnation: Incarnation;
  readonly log: Log;
  readonly measurements?: Measurements | undefined;
  /** What is over by now; empty: all is kept. */
  rules(): readonly RetentionRule[];
  /** Whom to tell what is gone; null: nobody listens. */
  changes(): Changes | null;
  /** The node gives its shards up. */
  isLeaving(): boolean;
}

/** Deletes executions of this node's shards that ended as long ago as they are to be kept, some at a time. */
export class RetentionSweep {
  readonly #options: RetentionSweepOptions;
  #batch = FEW;

  constructor(options: RetentionSweepOptions) {
    this.#options = options;
  }

  /** Goes on until none is left; ends where the store fails: what is left goes with the next pass. */
  async pass(): Promise<void> {
    const { store, clock, persistence, incarnation, log } = this.#options;
    const rules = this.#options.rules();
    if (rules.length === 0) return;
    let gone = 0;
    for (;;) {
      if (persistence.stopped || this.#options.isLeaving()) break;
      const began = clock.elapsed();
      try {
        const retired = await store.retire(incarnation, rules, this.#batch);
        if (retired.length === 0) break;
        gone += retired.length;
        this.#count(retired);
        this.#tell(retired);
      } catch (error) {
        this.#batch = 1;
        // They may be gone, and nobody would say so.
        this.#options.changes()?.missed();
        log.write('warn', 'old executions could not be deleted; it is tried again later', {
          error: error instanceof Error ? error.message : String(error),
        });
        break;
      }
      const tookMs = clock.elapsed() - began;
      this.#batch = tookMs > BATCH_MS ? Math.max(1, this.#batch >> 1) : Math.min(MOST, this.#batch * 2);
      await persistence.wait(Math.max(PAUSE_MS, tookMs));
    }
    if (gone > 0) log.write('info', 'executions were deleted, since they are kept no longer', { executions: gone });
  }

  #tell(retired: readonly Retired[]): void {
    const changes = this.#options.changes();
    if (!changes) return;
    const at = this.#options.clock.now();
    for (const run of retired) {
      changes.changed(changeOf(run, { kind: 'deleted', status: run.status, turn: run.turns, at }));
    }
  }

  #count(retired: readonly Retired[]): void {
    const { measurements } = this.#options;
    if (!measurements) return;
    for (const { namespace, workflow } of retired)
      measurements.counter('executionsRetired', [namespace, workflow]).value++;
  }
}
