import type { WakeReason } from '@dfnsjs/actor-core/engine';
import type { Clock, Store, Timer } from '@dfnsjs/actor-core/ports';
import type { Eid, Millis, ShardId } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';
import type { Waker } from './waker.ts';

/** How far ahead a scan reads: what is due soon is in memory, with its timer set, when it is. */
export const LOOK_AHEAD_MS = 2_000;
const PAGE = 1_000;
const PEEK = 100;
/** After all rows of this wakeAt. */
const LAST_EID = Number.MAX_SAFE_INTEGER as Eid;

export interface DueScanOptions {
  readonly store: Pick<Store, 'due'>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly waker: Waker;
  readonly persistence: Persistence;
  shards(): readonly ShardId[];
  isResident(eid: Eid): boolean;
}

/**
 * Finds executions that are due and not in memory. It runs when one is: the time of the next is read from the store
 * after each scan, and told by actors that leave memory. So a node on which nothing sleeps outside memory scans never.
 */
export class DueScan {
  readonly #options: DueScanOptions;
  #scanned: Millis = 0;
  #next: Millis = Infinity;
  /** Scans under way. */
  #scanning = 0;
  #timer: Timer | undefined;

  constructor(options: DueScanOptions) {
    this.#options = options;
  }

  /** The upper bound of the scan that was started last. A row below it may have been passed already. */
  get scanned(): Millis {
    return this.#scanned;
  }

  /** Wakes what was in hand when the shard's last owner ended. */
  async inHand(shard: ShardId, reason: WakeReason): Promise<void> {
    await this.#scan(shard, 0, undefined, reason);
  }

  /** An actor left memory; somebody must look at it at `wakeAt`. */
  passivated(wakeAt: Millis): void {
    this.#next = Math.min(this.#next, wakeAt);
    this.#arm();
  }

  /** Wakes all that is due by now, and soon. */
  run(): Promise<void> {
    if (this.#scanning) {
      this.#next = Math.min(this.#next, this.#options.clock.now());
      return Promise.resolve();
    }
    this.#next = Infinity;
    return this.#look(this.#options.shards());
  }

  /** As `run`, for shards that came to this node just now. */
  add(shards: readonly ShardId[]): Promise<void> {
    return this.#look(shards);
  }

  async #look(shards: readonly ShardId[]): Promise<void> {
    const { clock, persistence } = this.#options;
    if (persistence.stopped) return;
    this.#scanning++;
    this.#timer?.cancel();
    this.#timer = undefined;
    const until = clock.now() + LOOK_AHEAD_MS;
    this.#scanned = Math.max(this.#scanned, until);
    for (const shard of shards) {
      await this.#scan(shard, until, { wakeAt: 0, eid: LAST_EID });
      const next = await this.#peek(shard, until);
      // Actors that left memory meanwhile have told theirs.
      this.#next = Math.min(this.#next, next);
    }
    this.#scanning--;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async #scan(
    shard: ShardId,
    until: Millis,
    from: { readonly wakeAt: Millis; readonly eid: Eid } | undefined,
    reason?: WakeReason,
  ): Promise<void> {
    const { store, waker, persistence } = this.#options;
    let after = from;
    for (;;) {
      const cursor = after;
      const page = await persistence.attempt('the due scan', () => store.due(shard, until, PAGE, cursor));
      if (!page) return;
      await waker.wake(
        page.map(({ eid }) => eid),
        reason,
      );
      if (page.length < PAGE) return;
      after = page.at(-1);
    }
  }

  /** When something outside memory is due next; too early is harmless. */
  async #peek(shard: ShardId, until: Millis): Promise<Millis> {
    const { store, isResident, persistence } = this.#options;
    const page = await persistence.attempt('the due scan', () =>
      store.due(shard, Number.MAX_SAFE_INTEGER, PEEK, { wakeAt: until, eid: LAST_EID }),
    );
    const asleep = page?.find(({ eid }) => !isResident(eid)) ?? (page?.length === PEEK ? page.at(-1) : undefined);
    return asleep?.wakeAt ?? Infinity;
  }

  #arm(): void {
    const { clock, persistence } = this.#options;
    if (this.#scanning || persistence.stopped) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#next === Infinity) return;
    const at = Math.max(clock.now(), this.#next - LOOK_AHEAD_MS);
    this.#timer = clock.setTimer(at, () => void this.run());
  }
}
