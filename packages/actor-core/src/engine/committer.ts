import type { CommitId, Incarnation } from '../ids/ids.ts';
import type { Clock, Timer } from '../ports/clock.ts';
import { StoreRefusedError, type ActorCommit, type CommitBatch, type CommitVerdict } from '../ports/store/commit.ts';
import type { Store } from '../ports/store/store.ts';
import type { Log } from '../ports/telemetry/log.ts';
import { Batch, entryBytes } from './batch.ts';
import { FairQueue } from './fair-queue.ts';
import { Sifting } from './sifting.ts';

/** What became of a write: the store's verdict, or that it refuses this one for good, with its message. */
export type WriteVerdict = CommitVerdict | { readonly kind: 'refused'; readonly message: string };

export interface Write {
  readonly namespace: string;
  readonly entry: ActorCommit;
  readonly bytes: number;
  settled(verdict: WriteVerdict): void;
}

/** A write that the store refuses and that waits beside the lane. */
interface SetApart {
  readonly write: Write;
  refusals: number;
  /** Others landed since it was refused last. */
  othersLanded: boolean;
  isDue: boolean;
}

const FIRST_RETRY_MS = 5;
const LONGEST_RETRY_MS = 1_000;
/** Refusals of a batch before it is taken apart. */
const REFUSALS = 3;
/**
 * In place of their count: a try of the batch may have landed, or may land yet, whatever later ones were told. Nothing
 * but the identical batch may be sent.
 */
const UNCERTAIN = -1;
/** Refusals of a write alone, others having landed after each of the last ones, before it is given up. */
const REFUSALS_ALONE = 3;
/** Refusals of a write alone before nobody waits for it to land any more. */
const REFUSALS_HOPELESS = 10;
/** From a commit to the collection of the turns that follow at once: one hop for the round, one for its messages, one after. */
export const ROUND_HOPS = 3;

/**
 * One lane of group commits: a batch is in flight, and what arrives meanwhile is the next, by namespaces in turn. A batch
 * whose outcome is unknown is sent again as it is until the answer is definite: until then nothing of it leaves, and
 * nothing later overtakes it. One that was refused is tried again, then taken apart: what the store refuses alone, while
 * it takes others, is tried beside the lane for a while and then given up.
 */
export class Committer {
  readonly #store: Pick<Store, 'kind' | 'isElsewhere' | 'limits' | 'commit'>;
  readonly #incarnation: Incarnation;
  readonly #ordinal: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #done: ((write: Write) => void) | undefined;
  readonly #waiting = new FairQueue<Write>(write => write.namespace);
  #sifting: Sifting<Write> | null = null;
  #apart: SetApart[] = [];
  readonly #works: (() => Promise<void>)[] = [];
  #inFlight = false;
  #number = 0;
  #stopped = false;
  #whenIdle: (() => void)[] = [];
  /** Since when the batch in flight waits for a definite answer, over all its tries, in elapsed time. */
  #silentSince: number | null = null;

  /** `done` is told of each write that landed, once, before whoever asked for it is. */
  constructor(
    store: Pick<Store, 'kind' | 'isElsewhere' | 'limits' | 'commit'>,
    incarnation: Incarnation,
    ordinal: number,
    clock: Clock,
    log: Log,
    done?: (write: Write) => void,
  ) {
    this.#store = store;
    this.#ordinal = ordinal;
    this.#incarnation = incarnation;
    this.#clock = clock;
    this.#log = log;
    this.#done = done;
  }

  get depth(): number {
    return this.#waiting.size;
  }

  /** For how long the store has given no definite answer, in milliseconds; 0: nothing waits for one. */
  get silentMs(): number {
    return this.#silentSince === null ? 0 : this.#clock.elapsed() - this.#silentSince;
  }

  /** @param bytes about the entry's weight, where it is known */
  write(
    namespace: string,
    entry: ActorCommit,
    settled: (verdict: WriteVerdict) => void,
    bytes = entryBytes(entry),
  ): void {
    this.#waiting.push({ namespace, entry, bytes, settled });
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
    const part = this.#sifting?.next();
    if (part) return this.#begin(part);
    if (this.#sifting) return this.#sifted(this.#sifting);
    const due = this.#apart.find(each => each.isDue);
    if (due) return this.#begin([due.write], due);
    if (this.#waiting.size === 0) return;
    const filling = new Batch(this.#store.limits);
    this.#begin(this.#waiting.take(write => filling.add(write)));
  }

  #begin(writes: readonly Write[], alone: SetApart | null = null): void {
    const batch: CommitBatch = {
      // The ordinal is never given twice, so neither is this; short, since each journal row holds it.
      commitId: `${this.#ordinal.toString(36)}.${(++this.#number).toString(36)}` as CommitId,
      incarnation: this.#incarnation,
      actors: writes.map(write => write.entry),
    };
    this.#inFlight = true;
    this.#silentSince = this.#clock.elapsed();
    this.#send(batch, writes, alone, 0, FIRST_RETRY_MS);
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
    if (this.#isIdle) return Promise.resolve(true);
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

  get #isIdle(): boolean {
    return !this.#inFlight && this.#waiting.size === 0 && this.#apart.every(isHopeless);
  }

  #send(batch: CommitBatch, writes: readonly Write[], alone: SetApart | null, refusals: number, retryMs: number): void {
    this.#store.commit(batch).then(
      verdicts => this.#answered(writes, verdicts, alone),
      (error: unknown) => {
        if (this.#stopped) return;
        const refused = error instanceof StoreRefusedError;
        this.#log.write('warn', refused ? 'the store refused a commit' : 'the outcome of a commit is unknown', {
          store: this.#store.kind,
          error: error instanceof Error ? error.message : String(error),
          actors: writes.length,
          retryMs,
        });
        if (refused && !error.isOutage && refusals !== UNCERTAIN) {
          if (this.#sifting || alone || refusals + 1 >= REFUSALS) {
            return this.#refused(writes, alone, refusals + 1, error.message);
          }
          refusals++;
        } else if (!refused) refusals = UNCERTAIN;
        const next = Math.min(LONGEST_RETRY_MS, retryMs * 2);
        this.#clock.setTimer(this.#clock.now() + retryMs, () => {
          if (!this.#stopped) this.#send(batch, writes, alone, refusals, next);
        });
      },
    );
  }

  /** Takes a refused batch apart, or sets the write aside that was in it alone. */
  #refused(writes: readonly Write[], alone: SetApart | null, refusals: number, message: string): void {
    this.#silentSince = null;
    if (this.#sifting) this.#sifting.refused(writes);
    else if (alone) this.#refusedAlone(alone, message);
    else if (writes.length > 1) this.#sifting = new Sifting(writes);
    else this.#setApart(writes[0]!, refusals, false);
    this.#landed();
  }

  #sifted(sifting: Sifting<Write>): void {
    this.#sifting = null;
    const outcome = sifting.outcome();
    if ('alone' in outcome) {
      for (const write of outcome.alone) this.#setApart(write, 1, true);
      return this.flush();
    }
    // It is the store: they wait for it, and all others behind them.
    this.#inFlight = true;
    this.#clock.setTimer(this.#clock.now() + LONGEST_RETRY_MS, () => {
      if (!this.#stopped) this.#begin(outcome.again);
    });
  }

  #setApart(write: Write, refusals: number, othersLanded: boolean): void {
    const apart = { write, refusals, othersLanded, isDue: false };
    this.#apart.push(apart);
    this.#tryLater(apart);
  }

  #refusedAlone(apart: SetApart, message: string): void {
    apart.refusals++;
    if (apart.othersLanded && apart.refusals >= REFUSALS_ALONE) {
      this.#apart = this.#apart.filter(each => each !== apart);
      return this.#settle(apart.write, { kind: 'refused', message });
    }
    apart.isDue = false;
    this.#tryLater(apart);
  }

  #tryLater(apart: SetApart): void {
    const waitMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** apart.refusals);
    this.#clock.setTimer(this.#clock.now() + waitMs, () => {
      apart.isDue = true;
      this.flush();
    });
  }

  #answered(writes: readonly Write[], verdicts: readonly CommitVerdict[], alone: SetApart | null = null): void {
    if (this.#stopped) return;
    this.#silentSince = null;
    this.#sifting?.landed();
    if (alone) this.#apart = this.#apart.filter(each => each !== alone);
    for (const each of this.#apart) each.othersLanded = true;
    const isNextSent = this.#sendNextFirst();
    for (let i = 0; i < writes.length; i++) this.#settle(writes[i]!, verdicts[i]!);
    if (!isNextSent) this.#landed();
  }

  /**
   * Where the store works elsewhere, it has the next batch while the effects of the last are seen to. Not before work in
   * the lane, which comes after them; nor where little waits: what these effects bring goes with it then.
   */
  #sendNextFirst(): boolean {
    const { isElsewhere, limits } = this.#store;
    const isEnough = this.#waiting.size >= limits.items / 2;
    if (!isElsewhere || !isEnough || this.#sifting || this.#works.length > 0) return false;
    this.#inFlight = false;
    this.flush();
    return true;
  }

  /** What goes wrong with one write is no reason to leave the others, and the lane, without an answer. */
  #settle(write: Write, verdict: WriteVerdict): void {
    try {
      if (verdict.kind === 'done') this.#done?.(write);
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
    const waits = this.#sifting || this.#works.length > 0 || this.#apart.some(each => each.isDue);
    if (waits || this.#waiting.size >= this.#store.limits.items) this.flush();
    else if (this.#waiting.size > 0) this.#fill(ROUND_HOPS);
    if (this.#isIdle) for (const idle of this.#whenIdle.splice(0)) idle();
  }
}

function isHopeless({ refusals }: SetApart): boolean {
  return refusals >= REFUSALS_HOPELESS;
}
