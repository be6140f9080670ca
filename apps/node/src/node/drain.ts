import type { ClusterNode, Threads } from '@dfnsjs/cluster';
import type { Store } from '@dfnsjs/actor-core/ports';

/** Ends a node in order: bodies in hand end or are aborted, turns are committed, shards given up. A store that the node opened itself is closed. */
export async function drain(
  node: ClusterNode,
  openedStore: Store | undefined,
  threads: Threads,
  withinMs: number,
): Promise<void> {
  try {
    await node.drain(withinMs);
    await node.stop();
  } finally {
    await Promise.all([openedStore?.close(), threads.close()]);
  }
}
