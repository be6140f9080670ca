import type { Member, OpenWorkflow, ServedWorkflow } from '@dfnsjs/actor-core/ports';
import type { ShardId } from '@dfnsjs/actor-core/records';

type Serving = Pick<Member, 'workflows'>;

/** Which workflows the shards have open executions of. A shard that is not in it counts as one without any. */
export type OpenWorkflows = ReadonlyMap<ShardId, readonly ServedWorkflow[]>;

/** Of nodes that all serve the same: what a shard holds makes no difference. */
export const NONE_OPEN: OpenWorkflows = new Map();

export function byShard(rows: readonly OpenWorkflow[]): OpenWorkflows {
  return Map.groupBy(rows, ({ shard }) => shard);
}

/** Whether the node has the code of all of them. */
export function servesAll({ workflows }: Serving, wanted: readonly ServedWorkflow[]): boolean {
  return wanted.every(({ name, version }) => workflows.some(each => each.name === name && each.version === version));
}

/** Whether one of the nodes has code that another lacks. */
export function serveDifferently(members: readonly Serving[]): boolean {
  const [first, ...others] = members.map(({ workflows }) => new Set(workflows.map(textOf)));
  return first !== undefined && others.some(each => each.size !== first.size || !each.isSubsetOf(first));
}

/** The highest version of a workflow that every node has which has it at all; undefined where they have none in common. */
export function commonVersion(members: readonly Serving[], workflow: string): number | undefined {
  let common: Set<number> | undefined;
  for (const { workflows } of members) {
    const versions = workflows.filter(each => each.name === workflow).map(each => each.version);
    if (versions.length === 0) continue;
    common = common ? new Set(versions.filter(version => common!.has(version))) : new Set(versions);
  }
  return common && common.size > 0 ? Math.max(...common) : undefined;
}

function textOf({ name, version }: ServedWorkflow): string {
  return `${version} ${name}`;
}
