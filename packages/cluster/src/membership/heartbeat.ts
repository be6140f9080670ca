import type {
  Clock,
  Log,
  Membership,
  NodeReport,
  Renewal,
  Renewals,
  Renewed,
  Store,
  Timer,
} from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import type { Lease } from './lease.ts';

export interface HeartbeatOptions {
  readonly store: Pick<Store, 'renew' | 'renewals' | 'members' | 'bury'>;
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'setTimer'>;
  readonly incarnation: Incarnation;
  readonly leaseMs: Millis;
  readonly lease: Lease;
  readonly log: Log;
  /** A main loop that stands still for longer loses its lease, where the store renews from a thread. */
  readonly maxStallMs: Millis;
  report(): NodeReport;
  /** Of each renewal. */
  renewed(answer: Renewed): void;
  /** Who lives, as it was read just now. */
  members(membership: Membership): void;
  /** The incarnation is no more, since the store says so, or says nothing for long: it owns nothing. */
  lost(): void;
}

/** Three renewals may fail before a lease is over. */
const BEATS = 3;
/** After the end of another's lease, that it is not asked for too early. */
const SLACK_MS: Millis = 10;

/**
 * Renews the lease and looks who else lives; the end of another's lease is looked at when it comes. Where the store can
 * renew from a thread of its own it does, so that a busy turn loses no lease.
 */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #everyMs: Millis;
  #timer: Timer | undefined;
  #ends: Timer | undefined;
  #lapse: Timer | undefined;
  #beating: Promise<void> | null = null;
  #again = false;
  /** The report is another than it was, and others are to know before the thread's next renewal. */
  #untold = false;
  #renewals: Renewals | null = null;
  #stopped = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#everyMs = options.leaseMs / BEATS;
  }

  /** Resolves when the first renewal has been tried; it goes on by itself. */
  beat(): Promise<void> {
    if (this.#beating) {
      this.#again = true;
      return this.#beating;
    }
    this.#timer?.cancel();
    this.#beating = this.#once().then(() => {
      this.#beating = null;
      if (this.#stopped) return;
      const soon = this.#again;
      this.#again = false;
      const { clock } = this.#options;
      this.#timer = clock.setTimer(clock.now() + (soon ? 0 : this.#everyMs), () => void this.beat());
    });
    return this.#beating;
  }

  /** As `beat`: others can read what is to be reported now when it resolves, unless the store does not answer. */
  async tell(): Promise<void> {
    this.#untold = true;
    this.#renewals?.stamp();
    await this.beat();
    // One that was under way may have sent its report before.
    if (this.#untold && !this.#stopped) await this.beat();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#ends?.cancel();
    this.#lapse?.cancel();
    void this.#renewals?.stop();
  }

  /** From the first renewal on, which says that there is a lease. */
  #renewFromThread(): void {
    const { store, clock, incarnation, lease, maxStallMs } = this.#options;
    const report = () => this.#options.report();
    const renewals = store.renewals?.(incarnation, { everyMs: this.#everyMs, maxStallMs, report });
    if (!renewals) return;
    this.#renewals = renewals;
    const extend = ({ sentAt, answer }: Renewal) => {
      if (answer.alive) lease.renewed(clock.elapsed() - (renewals.now() - sentAt));
    };
    lease.look = () => {
      const last = renewals.last();
      if (last) extend(last);
    };
    renewals.onAnswer(renewal => {
      if (this.#stopped) return;
      extend(renewal);
      this.#answered(renewal.answer);
    });
  }

  /** One that has just begun, or lost its connection, may need longer for its first renewal than the lease lasts. */
  get #isRenewedByThread(): boolean {
    const { lease, leaseMs, clock } = this.#options;
    return this.#renewals !== null && lease.left(clock.elapsed()) > leaseMs / 2;
  }

  /** false: the lease is over. */
  #answered(answer: Renewed): boolean {
    if (answer.alive) {
      this.#lapseLater();
      this.#options.renewed(answer);
    } else this.#lose();
    return answer.alive;
  }

  #lose(): void {
    this.#lapse?.cancel();
    this.#options.lease.end();
    this.#options.lost();
  }

  /**
   * A lease that is over is over for good. Only the store knows of a renewal whose answer was lost, and that one is over a
   * lease later: whoever waits for this node has then waited long enough for a store that says nothing.
   */
  #lapseLater(): void {
    const { clock, lease, leaseMs } = this.#options;
    this.#lapse?.cancel();
    const inMs = lease.left(clock.elapsed()) + leaseMs;
    this.#lapse = clock.setTimer(clock.now() + inMs, () => {
      if (this.#stopped) return;
      if (lease.holds(clock.elapsed() - leaseMs)) this.#lapseLater();
      else this.#lose();
    });
  }

  async #once(): Promise<void> {
    const { store, clock, incarnation, lease, log } = this.#options;
    const sentAt = clock.elapsed();
    try {
      if (this.#untold || !this.#isRenewedByThread) {
        this.#untold = false;
        const answer = await store.renew(incarnation, this.#options.report());
        if (this.#stopped) return;
        if (answer.alive) lease.renewed(sentAt);
        if (!this.#answered(answer) || this.#stopped) return;
        if (!this.#renewals) this.#renewFromThread();
      }
      await this.#look();
    } catch (error) {
      if (this.#stopped) return;
      log.write('warn', 'the lease could not be renewed yet', {
        error: error instanceof Error ? error.message : String(error),
        leftMs: Math.round(lease.left(clock.elapsed())),
      });
    }
  }

  async #look(): Promise<void> {
    const { store, clock, incarnation } = this.#options;
    let membership = await store.members();
    const over = membership.members.filter(each => each.leaseLeftMs <= 0 && each.incarnation !== incarnation);
    for (const each of over) await store.bury(each.incarnation);
    if (over.length > 0) membership = await store.members();
    if (this.#stopped) return;
    this.#options.members(membership);
    this.#ends?.cancel();
    const others = membership.members.filter(each => each.incarnation !== incarnation);
    const next = Math.min(...others.map(each => each.leaseLeftMs));
    // One that lives renews it long before: only of one that does not is the end near.
    if (next >= this.#everyMs) return;
    this.#ends = clock.setTimer(clock.now() + Math.max(0, next) + SLACK_MS, () => void this.beat());
  }
}
