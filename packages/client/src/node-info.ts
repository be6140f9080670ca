import type { ClusterNodeReply, ClusterReply } from './operations/cluster.ts';
import type { DefinitionsReply, InfoReply } from './operations/definitions.ts';

/** The workflows and tasks of a node, with the JSON Schemas that their schemas tell. */
export type Definitions = DefinitionsReply;

/** The node that answers, and what it stands on. */
export interface NodeInfo extends Omit<InfoReply, 'now'> {
  /** By its clock. */
  readonly now: Date;
}

/** The nodes that share the store, and how its shards are spread. */
export type Cluster = ClusterReply;

/** One of them. */
export type ClusterMember = ClusterNodeReply;

export function readInfo({ now, ...info }: InfoReply): NodeInfo {
  return { ...info, now: new Date(now) };
}
