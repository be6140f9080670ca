import type { Member, Store } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';
import { byShard, NONE_OPEN, serveDifferently, type OpenWorkflows } from '../placement/workflows.ts';

/** What the shards hold, where it makes a difference who takes them: nodes that serve the same ask the store nothing. */
export async function openWorkflowsIn(
  store: Pick<Store, 'openWorkflows'>,
  members: readonly Member[],
  shards: readonly ShardId[],
): Promise<OpenWorkflows> {
  if (!store.openWorkflows || shards.length === 0 || !serveDifferently(members)) return NONE_OPEN;
  return byShard(await store.openWorkflows(shards));
}
