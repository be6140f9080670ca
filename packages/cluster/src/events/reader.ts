import type { Change } from '@dfnsjs/actor-core/ports';

/** The changes of one node, each with its number. */
export interface Source {
  /** undefined: it is not known yet. */
  readonly name: string | undefined;
  /** The number that the next change gets, as far as it is known here. */
  readonly end: number;
  /**
   * The change of that number; null: something that is not known. 'lost': what was there is not kept. undefined: there is
   * none yet, or it is asked for, and readers are woken when it is there.
   */
  read(place: number): Change | null | 'lost' | undefined;
}

/** The feed, as a reader sees it. */
export interface ReaderHost {
  readonly sources: readonly Source[];
  /** Rises when a source comes, goes, or is known by its name. */
  readonly version: number;
  woken(abort: AbortSignal | undefined): Promise<void>;
  closed(): void;
}

/** A feed hears from its node's beginning on, so this is where one stands that a reader has not met. */
const BEGINNING = 1;

/** One who listens: its place in each feed. It has no buffer: who is slower than all that changes loses its place. */
export class Reader {
  readonly #host: ReaderHost;
  /** By the name of the feed. */
  readonly #places: Map<string, number>;
  /** Something is missing before what is taken next. */
  #hasGap: boolean;
  #version = -1;
  #turn = 0;
  #open = true;

  constructor(host: ReaderHost, places: ReadonlyMap<string, number>, hasGap: boolean) {
    this.#host = host;
    this.#places = new Map(places);
    this.#hasGap = hasGap;
  }

  /** Some that it did not take may be missing. */
  get isLost(): boolean {
    this.#compare();
    return this.#hasGap || this.#host.sources.some(each => each.read(this.#placeIn(each)) === 'lost');
  }

  /** Before the change that is taken next of each feed. */
  get places(): ReadonlyMap<string, number> {
    return this.#places;
  }

  /** The next change, or that some may be missing before it; undefined: there is none yet. */
  take(): Change | 'missed' | undefined {
    this.#compare();
    if (this.#hasGap) {
      this.#hasGap = false;
      return 'missed';
    }
    const { sources } = this.#host;
    for (let looked = 0; looked < sources.length; looked++) {
      const source = sources[this.#turn++ % sources.length] as Source;
      if (source.name === undefined) continue;
      let place = this.#placeIn(source);
      const change = source.read(place++);
      if (change === undefined) continue;
      // A node that loses its shards says so of each.
      if (change === null) while (source.read(place) === null) place++;
      this.#places.set(source.name, change === 'lost' ? source.end : place);
      return change === null || change === 'lost' ? 'missed' : change;
    }
    return undefined;
  }

  /** Resolves when there may be more to take. Rejects with the reason of the abort; UNAVAILABLE where the node stops. */
  more(abort: AbortSignal | undefined): Promise<void> {
    return this.#host.woken(abort);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#host.closed();
  }

  #placeIn({ name }: Source): number {
    return (name === undefined ? undefined : this.#places.get(name)) ?? BEGINNING;
  }

  /** Who is gone has told all that it will, and perhaps not all that it did. */
  #compare(): void {
    const { sources, version } = this.#host;
    if (version === this.#version) return;
    this.#version = version;
    const names = new Set(sources.map(({ name }) => name));
    // It may be the one that has not said who it is.
    const gone = names.has(undefined) ? [] : [...this.#places.keys()].filter(name => !names.has(name));
    for (const name of gone) this.#places.delete(name);
    if (gone.length > 0) this.#hasGap = true;
    for (const { name, end } of sources) {
      if (name === undefined || this.#places.has(name)) continue;
      this.#places.set(name, this.#hasGap ? end : BEGINNING);
    }
  }
}
