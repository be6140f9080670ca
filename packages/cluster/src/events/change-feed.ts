import { DfnsError } from '@dfnsjs/actor-core';
import type { Change, Changes, Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Eid } from '@dfnsjs/actor-core/records';
import { ChangeRing } from './change-ring.ts';
import { Reader } from './reader.ts';

export interface FeedOptions {
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** Whether the feed is to hear of changes from now on. */
  hear(listening: boolean): void;
  /** Changes that are kept for those who read slowly or come back. Default 10,000, and about 16 MiB. */
  readonly kept?: number;
  /** Who may listen at a time. Default 1,000. */
  readonly readers?: number;
}

const READERS = 1_000;
/** So long changes are kept where nobody listens any more: whoever was cut off goes on without a gap. */
const LINGER_MS = 60_000;
/** Turns of one execution that follow on each other within this are told as the last of them. */
const GATHER_MS = 100;
/** Executions whose turns are gathered at a time. */
const GATHERED = 1_000;

/**
 * The changes of a node's executions, for whoever listens. A reader is a place in the ring and has no buffer: one that
 * is slower than all that changes loses its place, and is told so. While nobody listens the engine builds nothing.
 */
export class ChangeFeed implements Changes {
  readonly #options: FeedOptions;
  readonly #ring: ChangeRing;
  readonly #gathered = new Map<Eid, Change>();
  readonly #waiting = new Set<() => void>();
  #readers = 0;
  #heard = false;
  #flush: Timer | null = null;
  #linger: Timer | null = null;
  #stopped = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#ring = new ChangeRing(options.kept);
  }

  changed(change: Change): void {
    if (change.kind !== 'changed') {
      // It tells of a later turn, so what was gathered before says nothing more.
      this.#gathered.delete(change.first);
      return this.#append(change);
    }
    this.#gathered.set(change.first, change);
    if (this.#gathered.size >= GATHERED) return this.#tellGathered();
    const { clock } = this.#options;
    this.#flush ??= clock.setTimer(clock.now() + GATHER_MS, () => this.#tellGathered());
  }

  missed(): void {
    this.#append(null);
  }

  /**
   * A reader from a place on, or from now on. OVERLOADED where too many read. The first that is taken is 'missed' where
   * what came after the place is not kept.
   */
  open(from?: number): Reader {
    if (this.#stopped) throw stopped();
    if (this.#readers >= (this.#options.readers ?? READERS)) throw tooMany(this.#readers);
    this.#readers++;
    this.#linger?.cancel();
    this.#linger = null;
    if (!this.#heard) {
      this.#heard = true;
      this.#options.hear(true);
    }
    return new Reader(this.#ring, from, {
      woken: abort => this.#woken(abort),
      closed: () => this.#closed(),
    });
  }

  /** The node stops: readers are told UNAVAILABLE. */
  stop(): void {
    this.#stopped = true;
    this.#hearNothing();
    this.#wake();
  }

  #append(change: Change | null): void {
    this.#ring.append(change);
    this.#wake();
  }

  #tellGathered(): void {
    this.#flush?.cancel();
    this.#flush = null;
    for (const change of this.#gathered.values()) this.#ring.append(change);
    this.#gathered.clear();
    this.#wake();
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Resolves when there may be more; an abort rejects with its reason. */
  #woken(abort: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#stopped) return reject(stopped());
      if (abort?.aborted) return reject(abort.reason as Error);
      const aborted = () => {
        this.#waiting.delete(wake);
        reject(abort?.reason as Error);
      };
      const wake = () => {
        abort?.removeEventListener('abort', aborted);
        if (this.#stopped) reject(stopped());
        else resolve();
      };
      this.#waiting.add(wake);
      abort?.addEventListener('abort', aborted, { once: true });
    });
  }

  #closed(): void {
    if (--this.#readers > 0 || this.#stopped) return;
    const { clock } = this.#options;
    this.#linger = clock.setTimer(clock.now() + LINGER_MS, () => this.#forget());
  }

  /** Whoever comes back after this missed what nobody heard of. */
  #forget(): void {
    this.#hearNothing();
    this.#ring.clear();
  }

  #hearNothing(): void {
    this.#linger?.cancel();
    this.#flush?.cancel();
    this.#linger = null;
    this.#flush = null;
    this.#gathered.clear();
    if (!this.#heard) return;
    this.#heard = false;
    this.#options.hear(false);
  }
}

function stopped(): DfnsError {
  return new DfnsError(
    'UNAVAILABLE',
    'The node stops, and tells no more events. Listen at another, or when it is back.',
  );
}

function tooMany(readers: number): DfnsError {
  return new DfnsError('OVERLOADED', `${readers} listen to the events of this node already. End some, or try later.`, {
    details: { readers, retryAfterMs: 5_000 },
  });
}
