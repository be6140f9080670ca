import type { WakeReason } from '@dfnsjs/actor-core/engine';
import type { Clock, DuePlace, DueRow, ScanFrom, Store, Timer } from '@dfnsjs/actor-core/ports';
import type { Eid, Millis, ShardId } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';
import { scanPages, shareOf } from './scan-pages.ts';
import type { Waker } from './waker.ts';

/** How far ahead a scan reads: what is due soon is in memory, with its timer set, when it is. */
export const LOOK_AHEAD_MS = 2_000;
/** Between two scans at least: where much is due, each finds what comes due until the next, and is in time for it. */
const PACE_MS = LOOK_AHEAD_MS / 2;
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
  /** When the last scan of all shards began. */
  #began: Millis = -Infinity;
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

  /** Wakes what was in hand when the last owners of the shards ended. */
  async inHand(shards: readonly ShardId[], reason: WakeReason): Promise<void> {
    await this.#scan(
      shards.map(shard => ({ shard })),
      0,
      reason,
    );
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
    this.#began = this.#options.clock.now();
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
    await this.#scan(from(shards, { wakeAt: 0, eid: LAST_EID }), until);
    const next = await this.#peek(shards, until);
    // Actors that left memory meanwhile have told theirs.
    this.#next = Math.min(this.#next, next);
    this.#scanning--;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  async #scan(begin: readonly ScanFrom<DuePlace>[], until: Millis, reason?: WakeReason): Promise<void> {
    const { store, waker, persistence } = this.#options;
    const read = (places: readonly ScanFrom<DuePlace>[], limit: number) =>
      persistence.attempt('the due scan', () => store.due(places, until, limit));
    for await (const page of scanPages(begin, read, placeOf)) {
      await waker.wake(
        page.map(({ eid }) => eid),
        reason,
      );
    }
  }

  /** When something outside memory is due next; too early is harmless. */
  async #peek(shards: readonly ShardId[], until: Millis): Promise<Millis> {
    const { store, isResident, persistence } = this.#options;
    if (shards.length === 0) return Infinity;
    const limit = shareOf(shards.length);
    const begin = from(shards, { wakeAt: until, eid: LAST_EID });
    const page = await persistence.attempt('the due scan', () => store.due(begin, Number.MAX_SAFE_INTEGER, limit));
    const looked = new Map<ShardId, number>();
    for (const { shard, eid, wakeAt } of page ?? []) {
      const count = (looked.get(shard) ?? 0) + 1;
      looked.set(shard, count);
      // Behind the last one that was read of a shard there may be more.
      if (!isResident(eid) || count === limit) return wakeAt;
    }
    return Infinity;
  }

  #arm(): void {
    const { clock, persistence } = this.#options;
    if (this.#scanning || persistence.stopped) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#next === Infinity) return;
    const at = Math.max(clock.now(), this.#next - LOOK_AHEAD_MS, this.#began + PACE_MS);
    this.#timer = clock.setTimer(at, () => void this.run());
  }
}

function from(shards: readonly ShardId[], after: DuePlace): ScanFrom<DuePlace>[] {
  return shards.map(shard => ({ shard, after }));
}

function placeOf({ wakeAt, eid }: DueRow): DuePlace {
  return { wakeAt, eid };
}
