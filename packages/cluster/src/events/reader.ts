import type { Change } from '@dfnsjs/actor-core/ports';
import type { ChangeRing } from './change-ring.ts';

/** The feed, as a reader sees it. */
export interface ReaderHost {
  woken(abort: AbortSignal | undefined): Promise<void>;
  closed(): void;
}

/** One who listens: its place among the changes. */
export class Reader {
  readonly #ring: ChangeRing;
  readonly #host: ReaderHost;
  #place: number;
  #neverHad: boolean;
  #open = true;

  constructor(ring: ChangeRing, from: number | undefined, host: ReaderHost) {
    this.#ring = ring;
    this.#host = host;
    this.#neverHad = from !== undefined && !ring.has(from);
    this.#place = this.#neverHad ? ring.end : (from ?? ring.end);
  }

  /** Its place is not kept: some that it did not take may be missing. */
  get isLost(): boolean {
    return this.#neverHad || !this.#ring.has(this.#place);
  }

  /** Before the change that is taken next. */
  get place(): number {
    return this.#place;
  }

  /** The next change, or that some may be missing before it; undefined: there is none yet. */
  take(): Change | 'missed' | undefined {
    if (this.isLost) {
      this.#neverHad = false;
      this.#place = this.#ring.end;
      return 'missed';
    }
    if (this.#place === this.#ring.end) return undefined;
    return this.#ring.at(this.#place++) ?? 'missed';
  }

  /** Resolves when there may be more to take. Rejects with the reason of the abort; UNAVAILABLE where the node stops. */
  async more(abort: AbortSignal | undefined): Promise<void> {
    if (this.#place === this.#ring.end || abort?.aborted) await this.#host.woken(abort);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#host.closed();
  }
}
