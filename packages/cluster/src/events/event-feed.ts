import { DfnsError } from '@dfnsjs/actor-core';
import type { Changes, Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Incarnation, Millis } from '@dfnsjs/actor-core/records';
import { ChangeFeed } from './change-feed.ts';
import type { ChangePage } from './change-page.ts';
import { ChangePages } from './change-pages.ts';
import { FarChanges } from './far-changes.ts';
import { Reader, type ReaderHost, type Source } from './reader.ts';

export interface EventFeedOptions {
  readonly clock: Pick<Clock, 'now' | 'elapsed' | 'setTimer'>;
  /** What the changes of this node are known by among those of all nodes. */
  readonly name: string;
  /** Whether this node's changes are to be told from now on. */
  hear(listening: boolean): void;
  /** Changes of this node that are kept. Default 10,000, and about 16 MiB. */
  readonly kept?: number;
  /** Who may listen at a time. Default 1,000. */
  readonly readers?: number;
}

/** The way to other nodes' feeds. Best effort: what has no answer is asked again. */
export interface FeedLink {
  /** Asks for the changes from a place on, or when there are some; null: where the feed stands. */
  listen(to: Incarnation, place: number | null): void;
  tell(to: Incarnation, page: ChangePage): void;
}

const READERS = 1_000;
/** How long who begins to listen waits for nodes that do not answer. */
const PATIENCE_MS: Millis = 1_000;
/** How often those who wait look whether they have to ask again. */
const LOOK_MS: Millis = 5_000;

/** The changes of all nodes, for whoever listens at this one. */
export class EventFeed implements ReaderHost {
  readonly #options: EventFeedOptions;
  readonly #own: ChangeFeed;
  readonly #pages: ChangePages;
  readonly #others = new Map<Incarnation, FarChanges>();
  readonly #waiting = new Set<() => void>();
  #sources: readonly Source[];
  #version = 0;
  #link: FeedLink | null = null;
  #readers = 0;
  #look: Timer | null = null;
  #stopped = false;

  constructor(options: EventFeedOptions) {
    this.#options = options;
    const { clock, name, kept } = options;
    const told = () => {
      this.#pages.told();
      this.#wake();
    };
    this.#own = new ChangeFeed({ clock, name, kept, told, hear: listening => options.hear(listening) });
    this.#pages = new ChangePages({ clock, own: this.#own, tell: (to, page) => this.#link?.tell(to, page) });
    this.#sources = [this.#own];
  }

  /** Takes what this node's executions become. */
  get own(): Changes {
    return this.#own;
  }

  /** The node begins, and others may listen to it. */
  begin(): void {
    this.#own.begin();
  }

  /** From now on other nodes are asked by this way. */
  use(link: FeedLink): void {
    this.#link = link;
    this.reconnected();
  }

  /** Who lives besides this node. */
  members(others: readonly Incarnation[]): void {
    const { clock } = this.#options;
    const gone = [...this.#others.keys()].filter(each => !others.includes(each));
    for (const each of gone) this.#others.delete(each);
    // It has told all that it will, and perhaps not all that it did: whoever reads this node's changes passes by that.
    if (gone.length > 0) this.#own.missed();
    for (const each of others) {
      if (this.#others.has(each)) continue;
      const far = new FarChanges(clock, place => this.#link?.listen(each, place));
      this.#others.set(each, far);
      if (this.#readers > 0) far.look();
    }
    this.#sources = [this.#own, ...this.#others.values()];
    this.#lookLater();
    this.#version++;
    this.#wake();
  }

  /** What was on its way is asked for again. */
  reconnected(): void {
    for (const far of this.#others.values()) far.reconnected();
    if (this.#readers > 0) this.#lookAgain();
  }

  /** Another node asks for this one's changes. */
  asked(from: Incarnation, place: number | null): void {
    if (!this.#stopped) this.#pages.asked(from, place);
  }

  told(from: Incarnation, page: ChangePage): void {
    const far = this.#others.get(from);
    if (!far) return;
    if (far.name === undefined) this.#version++;
    far.told(page);
    this.#wake();
  }

  /**
   * A reader from its places in the feeds on, or from now on; 'lost': from now on as well, and it is told so. OVERLOADED
   * where too many read. 'missed' is taken where what came after a place is not kept.
   */
  async open(places?: ReadonlyMap<string, number> | 'lost', abort?: AbortSignal): Promise<Reader> {
    if (this.#stopped) throw stopped();
    if (this.#readers >= (this.#options.readers ?? READERS)) throw tooMany(this.#readers);
    this.#readers++;
    this.#lookLater();
    this.#own.listened();
    const { name, end } = this.#own;
    try {
      await this.#othersStand(abort);
    } catch (error) {
      this.closed();
      throw error;
    }
    const isLost = places === 'lost';
    return new Reader(this, isLost || !places ? new Map([...this.#ends(), [name, end]]) : places, isLost);
  }

  get sources(): readonly Source[] {
    return this.#sources;
  }

  get version(): number {
    return this.#version;
  }

  /** Resolves when there may be more; an abort rejects with its reason. */
  woken(abort: AbortSignal | undefined): Promise<void> {
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

  /** A reader is. */
  closed(): void {
    this.#own.left();
    if (--this.#readers > 0) return;
    this.#look?.cancel();
    this.#look = null;
  }

  /** The node stops: readers are told UNAVAILABLE. */
  stop(): void {
    this.#stopped = true;
    this.#look?.cancel();
    this.#pages.stop();
    this.#own.stop();
    this.#wake();
  }

  *#ends(): Iterable<[string, number]> {
    for (const { name, end } of this.#others.values()) if (name !== undefined) yield [name, end];
  }

  /** Resolves when it is known where the others' feeds stand; who does not answer is not waited for for long. */
  async #othersStand(abort: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#options;
    for (const far of this.#others.values()) far.look();
    const until = clock.elapsed() + PATIENCE_MS;
    const isSilent = () => [...this.#others.values()].some(far => far.isSilent);
    if (!isSilent()) return;
    const timer = clock.setTimer(clock.now() + PATIENCE_MS, () => this.#wake());
    try {
      while (isSilent() && clock.elapsed() < until) await this.woken(abort);
    } finally {
      timer.cancel();
    }
  }

  #wake(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #lookLater(): void {
    const { clock } = this.#options;
    // One that is alone has nobody to ask.
    if (this.#readers === 0 || this.#others.size === 0) return;
    this.#look ??= clock.setTimer(clock.now() + LOOK_MS, () => {
      this.#look = null;
      this.#lookAgain();
      this.#lookLater();
    });
  }

  /** Readers ask by themselves for what they come to. */
  #lookAgain(): void {
    for (const far of this.#others.values()) far.keep();
    this.#wake();
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
