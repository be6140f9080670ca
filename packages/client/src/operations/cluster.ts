import { z } from 'zod';
import { nodeRequest } from './definitions.ts';

/** A node that an operator means. */
export const nodeAddress = nodeRequest.extend({
  /** Of its process, or its address: of that the node that came last. */
  id: z.string().min(1),
});
export type NodeAddress = z.infer<typeof nodeAddress>;

/** One node of the cluster, as it told at its last renewal. */
export const clusterNode = z.object({
  /** Of one process start. */
  id: z.string(),
  /** Of its place, the same after a restart. */
  address: z.string(),
  /** Fingerprint of its user code. */
  build: z.string(),
  /** 'ready' has shards, 'leaving' stops and gives them up. */
  state: z.enum(['ready', 'leaving']),
  /** What an operator asked of it: 'cordon' keeps the shards it has and takes no more, 'drain' gives all up. */
  duty: z.enum(['serve', 'cordon', 'drain']),
  /** Number of those it owns. */
  shards: z.int(),
  /** Executions in its memory. */
  residents: z.int(),
  /** How late its event loop was. */
  loopLagMs: z.number(),
  /** What is left of its lease; 0: it is over, and the others take its shards. null: the store is its alone. */
  leaseMs: z.number().nullable(),
  /** Others can reach it. */
  transport: z.boolean(),
  workflows: z.array(z.object({ name: z.string(), version: z.int() })),
});
export type ClusterNodeReply = z.infer<typeof clusterNode>;

export const clusterReply = z.object({
  /** In the order in which they came. */
  nodes: z.array(clusterNode),
  shards: z.object({
    total: z.int(),
    /** By nodes that live. */
    owned: z.int(),
    /** Whose place is at another node than the one that has them, or that nobody has. */
    moving: z.int(),
  }),
  /** Rises with whatever another node must know: one that comes or goes, or a duty. */
  membershipVersion: z.int(),
  /** Id of the node that answers. */
  self: z.string(),
});
export type ClusterReply = z.infer<typeof clusterReply>;
