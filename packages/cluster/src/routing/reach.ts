import type { Clock, Log, Member, Membership, Timer } from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import type { Item } from '../transport/frame.ts';
import { KIND } from './items.ts';
import type { Post } from './post.ts';

export interface ReachOptions {
  readonly post: Pick<Post, 'send' | 'broadcast' | 'isConnected'>;
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'setTimer'>;
  readonly log: Log;
  readonly self: Incarnation;
  /** A node that lives may say nothing for so long. */
  readonly silentMs: Millis;
  /** It reaches others, or none any more: they are to be told. */
  changed(): void;
  /** It reaches others again: what was on its way before is lost. */
  restored(): void;
}

/** A node that has lost its transport for longer says so: others may be reached yet, and are to have what it has. */
const AWAY_MS: Millis = 1_000;
/** How long a node that begins waits for a word of those that live. */
const FIRST_WORD_MS: Millis = 1_000;

/**
 * Whether this node and others reach each other. A connection is not enough: under another secret, in another cluster, or at
 * another server, a node would own what nobody can ask it for. So nodes say that they are there, and one that hears
 * nobody, while some say that they can be reached, is the one that cannot.
 */
export class Reach {
  readonly #options: ReachOptions;
  readonly #firstWord = Promise.withResolvers<void>();
  /** All that live, but for what this process was before. */
  #others: readonly Member[] = [];
  #hasBegun = false;
  /** When each was heard last, or seen first. */
  readonly #heardAt = new Map<Incarnation, Millis>();
  /** Who said something, whether it is known to live or not. */
  readonly #heard = new Set<Incarnation>();
  /** It was heard by others, or was there before them. */
  #isOneOfThem = false;
  /** Since when it has reached no other; Infinity: it does. */
  #awaySince: Millis = Infinity;
  #isConnected = true;
  #hasStopped = false;
  #timer: Timer | undefined;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  /** For how long it has reached no other; 0: it does. */
  get awayMs(): Millis {
    return Math.max(0, this.#options.clock.elapsed() - this.#awaySince);
  }

  get isAway(): boolean {
    return this.awayMs >= AWAY_MS;
  }

  /** Others live that can be reached, and nobody was ever heard. */
  get isStranger(): boolean {
    return !this.#isOneOfThem && this.#canSomeBeReached;
  }

  /** The transport is open. */
  begin(): void {
    this.#hasBegun = true;
    this.#isConnected = this.#options.post.isConnected;
    // It says so from the beginning: others may be reached, and are to have what this one would take.
    if (!this.#isConnected) this.#isAwayNow();
    this.#hail();
  }

  /** Once it is known who lives: resolves when one of them was heard, or is not to be waited for any longer. */
  async settled(): Promise<void> {
    const { clock, log } = this.#options;
    if (!this.isStranger || !this.#isConnected) return;
    const timer = clock.setTimer(clock.now() + FIRST_WORD_MS, () => this.#firstWord.resolve());
    await this.#firstWord.promise;
    timer.cancel();
    if (!this.isStranger || this.#hasStopped) return;
    this.#isAwayNow();
    log.write('error', 'other nodes share this store, and none of them is heard: this one takes no part until one is', {
      others: this.#others.map(({ address }) => address),
      advice: 'give all nodes the same transport, cluster name and secret',
    });
  }

  connected(connected: boolean): void {
    const { clock, changed } = this.#options;
    this.#isConnected = connected;
    this.#timer?.cancel();
    if (connected) {
      this.#hail();
      if (!this.#isUnheard) this.#found();
    } else {
      this.#awaySince = Math.min(this.#awaySince, clock.elapsed());
      this.#timer = clock.setTimer(clock.now() + AWAY_MS, changed);
    }
    changed();
  }

  /** Who lives, as it was read just now. */
  members({ members }: Membership): void {
    const { self, clock, changed } = this.#options;
    const living = new Set(members.map(({ incarnation }) => incarnation));
    for (const each of this.#heardAt.keys()) if (!living.has(each)) this.#heardAt.delete(each);
    for (const each of living) if (!this.#heardAt.has(each)) this.#heardAt.set(each, clock.elapsed());
    // One at its own place is what this process was before, and is no more.
    const own = members.find(({ incarnation }) => incarnation === self)?.address;
    this.#others = members.filter(each => each.address !== own && each.leaseLeftMs > 0);
    if (!this.#canSomeBeReached) this.#isOneOfThem = true;
    this.#met();
    if (!this.#hasBegun) return;
    this.#hail();
    const wasAway = this.isAway;
    if (this.#isConnected && this.#isUnheard) this.#isAwayNow();
    else if (this.#isConnected) this.#found();
    if (this.isAway !== wasAway) changed();
  }

  /** Another node says that it is there. */
  received(from: Incarnation, [, wantsAnswer]: Item): void {
    const { clock, post, changed } = this.#options;
    if (wantsAnswer === true) post.send(from, [KIND.hello, false]);
    if (!this.#isOneOfThem) this.#heard.add(from);
    if (this.#heardAt.has(from)) this.#heardAt.set(from, clock.elapsed());
    this.#met();
    if (!this.#isConnected || this.#isUnheard || this.#awaySince === Infinity) return;
    this.#found();
    changed();
  }

  stop(): void {
    this.#hasStopped = true;
    this.#timer?.cancel();
    this.#firstWord.resolve();
  }

  /** Some of the others say that they can be reached. */
  get #canSomeBeReached(): boolean {
    return this.#others.some(({ transport }) => transport);
  }

  /** Some say that they can be reached, and nobody at all is heard: whoever hears one that cannot is not the one apart. */
  get #isUnheard(): boolean {
    const { clock, silentMs } = this.#options;
    const before = clock.elapsed() - silentMs;
    if (this.isStranger) return true;
    if (!this.#canSomeBeReached) return false;
    return this.#others.every(({ incarnation }) => this.#heardAt.get(incarnation)! <= before);
  }

  /** What it heard before it knew who lives counts as well. */
  #met(): void {
    if (this.#isOneOfThem || !this.#others.some(({ incarnation }) => this.#heard.has(incarnation))) return;
    this.#isOneOfThem = true;
    this.#heard.clear();
    this.#firstWord.resolve();
  }

  #hail(): void {
    this.#options.post.broadcast([KIND.hello, !this.#isOneOfThem || this.#isUnheard]);
  }

  #isAwayNow(): void {
    this.#awaySince = Math.min(this.#awaySince, this.#options.clock.elapsed() - AWAY_MS);
  }

  #found(): void {
    if (this.#awaySince === Infinity) return;
    this.#awaySince = Infinity;
    this.#options.restored();
  }
}
