import type { ClusterNode, Threads } from '@dfnsjs/cluster';
import type { Store } from '@dfnsjs/actor-core/ports';
import type { Watchdog } from '../watchdog/watchdog.ts';

/**
 * Ends a node in order: bodies in hand end or are aborted, turns are committed, shards given up. A store that the node
 * opened itself is closed, after all that is written beside it under its lock.
 */
export async function drain(
  node: ClusterNode,
  watchdog: Watchdog,
  openedStore: Store | undefined,
  threads: Threads,
  withinMs: number,
): Promise<void> {
  try {
    await node.drain(withinMs);
    await node.stop();
  } finally {
    watchdog.stop();
    await Promise.all([openedStore?.close(), threads.close()]);
  }
}
