import type { Engine } from '@dfnsjs/actor-core/engine';
import type { Acquired, Store } from '@dfnsjs/actor-core/ports';
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

/**
 * Reads what the last owners of shards left: what was in hand first, since nothing else will ever bring it; then
 * messages, timers, and what may be healed.
 */
export async function takeOver(options: TakeoverOptions, acquired: readonly Acquired[]): Promise<void> {
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
