import type { Engine } from '@dfnsjs/actor-core/engine';
import type { Acquired, Log, Store } from '@dfnsjs/actor-core/ports';
import type { DueScan } from './due-scan.ts';
import { scanHeld } from './held-scan.ts';
import { scanInbox } from './inbox-scan.ts';
import type { Persistence } from './persistence.ts';
import type { Waker } from './waker.ts';

export interface TakeoverOptions {
  readonly engine: Pick<Engine, 'tookInHand' | 'countOpen' | 'parts'>;
  readonly store: Pick<Store, 'inbox' | 'held'>;
  readonly waker: Waker;
  readonly dueScan: DueScan;
  readonly persistence: Persistence;
}

/** Shards that this node has taken, on their way to being read. */
export class Takeovers {
  readonly #options: TakeoverOptions & { readonly log: Log };
  readonly #waiting: Acquired[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(options: TakeoverOptions & { readonly log: Log }) {
    this.#options = options;
  }

  /** Resolves when all is read that was added so far. */
  get done(): Promise<void> {
    return this.#last;
  }

  /** Shards come one by one, and faster than they are read: those that wait are read together. */
  add(acquired: readonly Acquired[]): void {
    this.#waiting.push(...acquired);
    this.#last = this.#last.then(async () => {
      const some = this.#waiting.splice(0);
      const { length: left } = some.filter(({ clean }) => !clean);
      if (left > 0)
        this.#options.log.write('info', 'shards of a node that is no more are served here', { shards: left });
      if (some.length > 0) await takeOver(this.#options, some);
    });
  }

  /** At once, beside what waits. */
  read(acquired: readonly Acquired[]): Promise<void> {
    return takeOver(this.#options, acquired);
  }
}

/**
 * Reads what the last owners of shards left: what was in hand first, since nothing else will ever bring it; then
 * messages, timers, and what may be healed.
 */
async function takeOver(options: TakeoverOptions, acquired: readonly Acquired[]): Promise<void> {
  const { engine, store, waker, dueScan, persistence } = options;
  const shards = acquired.map(({ shard }) => shard);
  for (const crashed of [false, true]) {
    const some = acquired.filter(({ clean }) => clean !== crashed).map(({ shard }) => shard);
    await dueScan.inHand(some, { crashed, retry: false });
    for (const shard of some) engine.tookInHand(shard);
  }
  await scanInbox(store, waker, persistence, shards);
  await dueScan.add(shards);
  const { metering } = engine.parts;
  await scanHeld(store, waker, persistence, shards, (run, held) => metering?.held(run, held));
  // What they left goes on by now: nobody waits for it.
  void engine.countOpen(shards);
}
