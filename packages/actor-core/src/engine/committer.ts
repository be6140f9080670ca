import type { CommitId, Incarnation } from '../ids/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { StoreRefusedError, type ActorCommit, type CommitBatch, type CommitVerdict } from '../ports/store/commit.ts';
import type { Store } from '../ports/store/store.ts';
import type { Log } from '../ports/telemetry/log.ts';
import { batchLength, entryBytes } from './batch.ts';

export interface Write {
  readonly entry: ActorCommit;
  readonly bytes: number;
  settled(verdict: CommitVerdict): void;
}

const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 1_000;
/** From a commit to the collection of the turns that follow at once: one hop for the round, one for its messages, one after. */
const ROUND_HOPS = 3;

/**
 * One lane of group commits: a batch is in flight, and what arrives meanwhile is the next. A batch whose outcome is
 * unknown, or that was refused, is sent again as it is until the answer is definite: until then nothing of it leaves,
 * and nothing later overtakes it.
 */
export class Committer {
  readonly #store: Pick<Store, 'kind' | 'limits' | 'commit'>;
  readonly #incarnation: Incarnation;
  readonly #ordinal: number;
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: Write[] = [];
  readonly #works: (() => Promise<void>)[] = [];
  #inFlight = false;
  #number = 0;
  #stopped = false;
  #whenIdle: (() => void)[] = [];
  /** Since when the store has given no definite answer; null: it does. */
  failingSince: number | null = null;

  constructor(
    store: Pick<Store, 'kind' | 'limits' | 'commit'>,
    incarnation: Incarnation,
    ordinal: number,
    clock: Clock,
    log: Log,
  ) {
    this.#store = store;
    this.#ordinal = ordinal;
    this.#incarnation = incarnation;
    this.#clock = clock;
    this.#log = log;
  }

  get depth(): number {
    return this.#waiting.length;
  }

  /** @param bytes about the entry's weight, where it is known */
  write(entry: ActorCommit, settled: (verdict: CommitVerdict) => void, bytes = entryBytes(entry)): void {
    this.#waiting.push({ entry, bytes, settled });
  }

  /** Sends what waits, unless a batch is in flight. */
  flush(): void {
    if (this.#inFlight || this.#stopped) return;
    const work = this.#works.shift();
    if (work) {
      this.#inFlight = true;
      void work().then(() => this.#landed());
      return;
    }
    if (this.#waiting.length === 0) return;
    const writes = this.#waiting.splice(0, batchLength(this.#waiting, this.#store.limits));
    const batch: CommitBatch = {
      // The ordinal is never given twice, so neither is this; short, since each journal row holds it.
      commitId: `${this.#ordinal.toString(36)}.${(++this.#number).toString(36)}` as CommitId,
      incarnation: this.#incarnation,
      actors: writes.map(write => write.entry),
    };
    this.#inFlight = true;
    this.#send(batch, writes, FIRST_RETRY_MS);
  }

  /** Lets those whose turn was just committed take their next one before a part of a batch is sent. */
  #fill(hops: number): void {
    if (hops === 0) return this.flush();
    const number = this.#number;
    this.#clock.hop(() => {
      // Sent meanwhile, full: then its own answer sees to what is left.
      if (number === this.#number) this.#fill(hops - 1);
    });
  }

  /** Runs `work` in the lane: after what is in flight, before what waits. */
  exclusively(work: () => Promise<void>): Promise<void> {
    return new Promise(resolve => {
      this.#works.push(() => work().then(resolve, resolve));
      this.flush();
    });
  }

  /** True once nothing waits or is in flight; false where the store has answered nothing for `patienceMs`. */
  idle(patienceMs?: number): Promise<boolean> {
    if (!this.#inFlight && this.#waiting.length === 0) return Promise.resolve(true);
    return new Promise(resolve => {
      let timer: Timer | undefined;
      const look = (ms: number) => {
        const number = this.#number;
        timer = this.#clock.setTimer(this.#clock.now() + ms, () =>
          this.#number === number ? resolve(false) : look(ms),
        );
      };
      if (patienceMs !== undefined) look(patienceMs);
      this.#whenIdle.push(() => {
        timer?.cancel();
        resolve(true);
      });
    });
  }

  /** Sends nothing any more; an answer that comes still is ignored. */
  stop(): void {
    this.#stopped = true;
  }

  #send(batch: CommitBatch, writes: readonly Write[], retryMs: number): void {
    this.#store.commit(batch).then(
      verdicts => this.#answered(writes, verdicts),
      (error: unknown) => {
        if (this.#stopped) return;
        this.failingSince ??= this.#clock.now();
        const refused = error instanceof StoreRefusedError;
        this.#log.write('warn', refused ? 'the store refused a commit' : 'the outcome of a commit is unknown', {
          store: this.#store.kind,
          error: error instanceof Error ? error.message : String(error),
          actors: writes.length,
          retryMs,
        });
        this.#clock.setTimer(this.#clock.now() + retryMs, () => {
          if (!this.#stopped) this.#send(batch, writes, Math.min(LONGEST_RETRY_MS, retryMs * 2));
        });
      },
    );
  }

  #answered(writes: readonly Write[], verdicts: readonly CommitVerdict[]): void {
    if (this.#stopped) return;
    this.failingSince = null;
    for (let i = 0; i < writes.length; i++) this.#settle(writes[i]!, verdicts[i]!);
    this.#landed();
  }

  /** What goes wrong with one write is no reason to leave the others, and the lane, without an answer. */
  #settle(write: Write, verdict: CommitVerdict): void {
    try {
      write.settled(verdict);
    } catch (error) {
      this.#log.write('error', 'the effects of a commit failed: the execution goes on when its node starts again', {
        eid: write.entry.eid,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  }

  #landed(): void {
    this.#inFlight = false;
    if (this.#works.length > 0 || this.#waiting.length >= this.#store.limits.items) this.flush();
    else if (this.#waiting.length > 0) this.#fill(ROUND_HOPS);
    if (!this.#inFlight && this.#waiting.length === 0) for (const idle of this.#whenIdle.splice(0)) idle();
  }
}
