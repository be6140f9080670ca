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
  /** Of feeds whose nodes are not there. */
  readonly #left = new Map<string, number>();
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
      this.#passGaps();
      return 'missed';
    }
    const { sources } = this.#host;
    for (let looked = 0; looked < sources.length; looked++) {
      const source = sources[this.#turn++ % sources.length] as Source;
      if (source.name === undefined) continue;
      const place = this.#placeIn(source);
      const change = source.read(place);
      if (change === undefined) continue;
      if (change !== null && change !== 'lost') {
        this.#places.set(source.name, place + 1);
        return change;
      }
      if (change === 'lost') this.#places.set(source.name, source.end);
      this.#passGaps();
      return 'missed';
    }
    return undefined;
  }

  /** A node that loses its shards says so of each, and of one that is gone all others do: they are one to whoever reads. */
  #passGaps(): void {
    for (const source of this.#host.sources) {
      if (source.name === undefined) continue;
      let place = this.#placeIn(source);
      while (source.read(place) === null) place++;
      this.#places.set(source.name, place);
    }
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

  /** A node that goes is told of by those that stay; of who went before this reader came nobody may be left to tell. */
  #compare(): void {
    const { sources, version } = this.#host;
    if (version === this.#version) return;
    const isFirst = this.#version < 0;
    this.#version = version;
    const names = new Set(sources.map(({ name }) => name));
    for (const [name, place] of this.#places) {
      if (names.has(name)) continue;
      if (isFirst) this.#hasGap = true;
      // One that loses its lease, or has not said who it is, comes again under the same name.
      this.#places.delete(name);
      this.#left.set(name, place);
    }
    for (const { name, end } of sources) {
      if (name === undefined || this.#places.has(name)) continue;
      this.#places.set(name, this.#left.get(name) ?? (this.#hasGap ? end : BEGINNING));
      this.#left.delete(name);
    }
  }
}
