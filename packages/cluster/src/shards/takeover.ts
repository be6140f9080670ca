import type { Engine } from '@dfnsjs/actor-core/engine';
import type { Acquired, Store } from '@dfnsjs/actor-core/ports';
import type { DueScan } from './due-scan.ts';
import { scanHeld } from './held-scan.ts';
import { scanInbox } from './inbox-scan.ts';
import type { Persistence } from './persistence.ts';
import type { Waker } from './waker.ts';

export interface TakeoverOptions {
  readonly engine: Pick<Engine, 'tookInHand' | 'parts'>;
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
  for (const { shard, clean } of acquired) {
    await dueScan.inHand(shard, { crashed: !clean, retry: false });
    engine.tookInHand(shard);
  }
  for (const { shard } of acquired) await scanInbox(store, waker, persistence, shard);
  await dueScan.add(acquired.map(({ shard }) => shard));
  const { metering } = engine.parts;
  for (const { shard } of acquired) {
    await scanHeld(store, waker, persistence, shard, (run, held) => metering?.held(run, held));
  }
}
