import type { Member, Membership, ServedWorkflow } from '@dfnsjs/actor-core/ports';
import { shardOf } from '@dfnsjs/actor-core/records';
import { servesAll } from '../placement/workflows.ts';
import type { OperationContext } from './context.ts';

/** What a node may have more in its memory than the mean of all, before what comes to it begins elsewhere. */
const MORE_THAN_MEAN = 1.1;
const MORE_IN_ALL = 16;
/** How much later its event loop may be than the mean of all, likewise. */
const LATER_THAN_MEAN = 2;
const LATER_MS = 5;
/** Of a node that has a few of many shards some ids are given up, and begin anywhere. */
const TRIES = 32;

type Surroundings = Pick<OperationContext, 'chance' | 'router' | 'shards' | 'node' | 'report' | 'membership'>;

/**
 * An id for an execution that was given none. One of a shard that this node has, so that neither its start nor the wait
 * for its result travels, as long as the node has no more to do than others: what comes to one node alone is spread over
 * all, as ids that are given are. So is everything while nodes have different code.
 */
export function newId(context: Surroundings, namespace: string, workflow: ServedWorkflow): string {
  const { chance, router, shards } = context;
  const first = chance.uuid();
  const membership = context.membership();
  const self = context.node();
  if (membership === null || !isToBeginHere(context, membership, workflow)) return first;
  let id = first;
  for (let tries = 0; tries < TRIES; tries++) {
    if (router.ownerOf(shardOf(namespace, id, shards)) === self) return id;
    id = chance.uuid();
  }
  return first;
}

function isToBeginHere({ node, report }: Surroundings, { members }: Membership, workflow: ServedWorkflow): boolean {
  const self = members.find(({ incarnation }) => incarnation === node());
  if (!self || self.duty !== 'serve' || members.length < 2) return false;
  if (!members.every(each => each.build === self.build) || !servesAll(self, [workflow])) return false;
  const { state, residents, loopLagMs } = report();
  return (
    state === 'ready' &&
    residents <= MORE_THAN_MEAN * mean(members, each => each.residents) + MORE_IN_ALL &&
    loopLagMs <= LATER_THAN_MEAN * mean(members, each => each.loopLagMs) + LATER_MS
  );
}

function mean(members: readonly Member[], of: (member: Member) => number): number {
  return members.reduce((sum, member) => sum + of(member), 0) / members.length;
}
