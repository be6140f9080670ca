import type { AnyWorkflow } from '@dfnsjs/actor-core';
import type { Store } from '@dfnsjs/actor-core/ports';
import { decodeTurn, describeCommand, joinRows, type Turn } from '@dfnsjs/actor-core/records';
import { FaultyStore, type FaultSchedule } from '@dfnsjs/storage/conformance';
import { MemoryStore } from '@dfnsjs/storage/memory';
import { createTestCluster, type TestCluster, type TestClusterOptions } from '@dfnsjs/testing';

/** A test cluster on a store that fails as `schedule` says. */
export async function faultyCluster(
  workflows: readonly AnyWorkflow[],
  schedule: FaultSchedule,
  options: Omit<TestClusterOptions, 'workflows' | 'store'> = {},
): Promise<{ readonly cluster: TestCluster; readonly store: FaultyStore }> {
  let store: FaultyStore | undefined;
  const cluster = await createTestCluster({
    ...options,
    workflows,
    store: clock => (store = new FaultyStore(new MemoryStore({ clock }), schedule)),
  });
  return { cluster, store: store! };
}

/** The turns of all runs of an execution, oldest run first. */
export async function historyOf(store: Store, id: string): Promise<readonly (readonly Turn[])[]> {
  const run = await store.current('default', id);
  if (!run) throw new Error(`There is no "${id}".`);
  const chain = await store.chain(run.first);
  const loaded = await store.load(chain.map(({ eid }) => eid));
  return loaded.map(each => joinRows(each!.journal, each!.snapshots).map(row => decodeTurn(row.seq, row.turn)));
}

export function commandsOf(turns: readonly Turn[]): string[] {
  return turns.flatMap(turn => turn.commands.map(describeCommand));
}
