import type { Engine, WakeReason } from '@dfnsjs/actor-core/engine';
import type { Store } from '@dfnsjs/actor-core/ports';
import { BOUNDS, type Eid } from '@dfnsjs/actor-core/records';
import type { Persistence } from './persistence.ts';

type Awake = Pick<Engine, 'residentOf' | 'wake' | 'wakeLoaded' | 'look'>;

/**
 * Reads executions that scans found into memory. All scans share one, so that a node that takes over a great many has
 * at most 64 loads in flight.
 */
export class Waker {
  readonly #store: Pick<Store, 'load'>;
  readonly #engine: Awake;
  readonly #persistence: Persistence;
  #last: Promise<void> = Promise.resolve();

  constructor(store: Pick<Store, 'load'>, engine: Awake, persistence: Persistence) {
    this.#store = store;
    this.#engine = engine;
    this.#persistence = persistence;
  }

  /** Resolves when those that need it are in memory. */
  wake(eids: readonly Eid[], reason?: WakeReason): Promise<void> {
    this.#last = this.#last.then(() => this.#wakeAll(eids, reason));
    return this.#last;
  }

  async #wakeAll(eids: readonly Eid[], reason: WakeReason | undefined): Promise<void> {
    for (let at = 0; at < eids.length; at += BOUNDS.loadsInFlight) {
      const some = eids
        .slice(at, at + BOUNDS.loadsInFlight)
        .filter(eid => reason?.retry || !this.#engine.residentOf(eid));
      if (some.length === 0) continue;
      const look = this.#engine.look(some);
      const loaded = await this.#persistence.attempt('reading executions', () => this.#store.load(some));
      look.end();
      if (!loaded) return;
      await Promise.all(
        loaded.map(async each => {
          if (!each) return;
          const { namespace, id, eid } = each.run;
          if (look.isStale(eid)) return this.#engine.wake(namespace, id, eid, reason);
          return this.#engine.wakeLoaded(each, reason);
        }),
      );
    }
  }
}
