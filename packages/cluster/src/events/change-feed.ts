import type { Change, Changes, Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { Eid } from '@dfnsjs/actor-core/records';
import { ChangeRing } from './change-ring.ts';
import type { Source } from './reader.ts';

export interface ChangeFeedOptions {
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  /** What the feed is known by among those of all nodes. */
  readonly name: string;
  /** Whether the feed is to hear of changes from now on. */
  hear(listening: boolean): void;
  /** There is more to read. */
  told(): void;
  /** Changes that are kept for those who read slowly or come back. Default 10,000, and about 16 MiB. */
  readonly kept?: number | undefined;
}

/** So long changes are kept where nobody listens any more: whoever was cut off goes on without a gap. */
const LINGER_MS = 60_000;
/** So long a node hears before anybody listens: those who listen at others learn of it meanwhile. */
const FIRST_MS = 10_000;
/** Turns of one execution that follow on each other within this are told as the last of them. */
const GATHER_MS = 100;
/** Executions whose turns are gathered at a time. */
const GATHERED = 1_000;

/** The changes of a node's own executions. While nobody listens, here or at another node, the engine builds nothing. */
export class ChangeFeed implements Changes, Source {
  readonly name: string;
  readonly ring: ChangeRing;
  readonly #options: ChangeFeedOptions;
  readonly #gathered = new Map<Eid, Change>();
  #listeners = 0;
  #heard = false;
  #flush: Timer | null = null;
  #linger: Timer | null = null;

  constructor(options: ChangeFeedOptions) {
    this.#options = options;
    this.name = options.name;
    this.ring = new ChangeRing(options.kept);
  }

  get end(): number {
    return this.ring.end;
  }

  read(place: number): Change | null | 'lost' | undefined {
    if (!this.ring.has(place)) return 'lost';
    return place === this.ring.end ? undefined : this.ring.at(place);
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

  /** From the node's beginning on, for a while. One that goes on as another is heard for as long as it was. */
  begin(): void {
    if (this.#heard) return;
    this.#lingerFor(FIRST_MS);
    this.#hear(true);
  }

  /** Somebody listens here, until `left`. */
  listened(): void {
    this.#listeners++;
    this.#linger?.cancel();
    this.#linger = null;
    this.#hear();
  }

  left(): void {
    if (--this.#listeners === 0 && this.#heard) this.#lingerFor(LINGER_MS);
  }

  /** Somebody listens at another node, and will say so again. */
  listenedAfar(): void {
    if (this.#listeners === 0) this.#lingerFor(LINGER_MS);
    this.#hear();
  }

  /** It hears nothing more. */
  stop(): void {
    this.#linger?.cancel();
    this.#flush?.cancel();
    this.#linger = null;
    this.#flush = null;
    this.#gathered.clear();
    if (!this.#heard) return;
    this.#heard = false;
    this.#options.hear(false);
  }

  #append(change: Change | null): void {
    this.ring.append(change);
    this.#options.told();
  }

  #tellGathered(): void {
    this.#flush?.cancel();
    this.#flush = null;
    for (const change of this.#gathered.values()) this.ring.append(change);
    this.#gathered.clear();
    this.#options.told();
  }

  #hear(isFirst = false): void {
    if (this.#heard) return;
    this.#heard = true;
    // Nobody heard of what was before, so no place in it is one from which nothing is missing.
    if (!isFirst) this.ring.clear();
    this.#options.hear(true);
  }

  #lingerFor(ms: number): void {
    const { clock } = this.#options;
    this.#linger?.cancel();
    this.#linger = clock.setTimer(clock.now() + ms, () => this.#forget());
  }

  /** Whoever comes back after this missed what nobody heard of. */
  #forget(): void {
    this.stop();
    this.ring.clear();
  }
}
