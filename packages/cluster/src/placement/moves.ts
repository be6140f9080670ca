import type { Member, Membership, ServedWorkflow, ShardRow } from '@dfnsjs/actor-core/ports';
import type { Incarnation, ShardId } from '@dfnsjs/actor-core/records';
import { BuildOrder } from './builds.ts';
import { nearest, placeShards, type RingMember } from './ring.ts';
import { NONE_OPEN, servesAll, type OpenWorkflows } from './workflows.ts';

/** What one node is to do about the shards. */
export interface Moves {
  /** Free, or of a node that is no more. */
  readonly take: readonly ShardRow[];
  /** Better placed at another node. */
  readonly give: readonly { readonly row: ShardRow; readonly to: Incarnation }[];
}

/** Whether the member takes part in placement: it is reachable, and neither it nor an operator says that it leaves. */
export function isPlaced({ transport, state, duty }: Member): boolean {
  return transport && state === 'ready' && duty === 'serve';
}

/**
 * What `self` is to take and to give, by who lives, who owns what, and what is open in the shards that it owns or that
 * nobody does. Pure, and alike everywhere: each node computes who is to own each shard, and does its own part of it.
 *
 * Nodes that others cannot reach own nothing while others can be reached. One that is cordoned keeps what it has and
 * takes no more, so the others share the rest.
 *
 * What is open in a shard decides over that shard alone, so those who see another shard at another moment agree on this
 * one; and while nobody owns it nothing begins or ends in it.
 */
export function movesOf(
  self: Incarnation,
  rows: readonly ShardRow[],
  { members }: Membership,
  open: OpenWorkflows = NONE_OPEN,
): Moves {
  const living = new Map(members.map(member => [member.incarnation, member]));
  const placed = place(rows, members, open);
  const take: ShardRow[] = [];
  const give: { row: ShardRow; to: Incarnation }[] = [];
  for (const row of rows) {
    const to = placed.get(row.shard);
    if (to === undefined) continue;
    const isFree = row.owner === null || !living.has(row.owner);
    if (isFree && to === self) take.push(row);
    else if (row.owner === self && to !== self && living.get(self)?.duty !== 'cordon') give.push({ row, to });
  }
  return { take, give };
}

/** Shards whose place is at another node than the one that has them, or that nobody has who lives. */
export function movingOf(rows: readonly ShardRow[], { members }: Membership, open: OpenWorkflows = NONE_OPEN): number {
  const living = new Map(members.map(member => [member.incarnation, member]));
  const placed = place(rows, members, open);
  return rows.filter(({ shard, owner }) => {
    const at = owner === null ? undefined : living.get(owner);
    if (!at) return true;
    const to = placed.get(shard);
    return to !== undefined && to !== owner && at.duty !== 'cordon';
  }).length;
}

/** Whether a node of `build` that lacks a workflow may leave its executions to another: one that has it, and is no older. */
export function canHandOn(build: string, wanted: ServedWorkflow, { members }: Membership): boolean {
  const ready = members.filter(isPlaced);
  const builds = new BuildOrder(ready);
  return ready.some(member => servesAll(member, [wanted]) && builds.mayTake(member.build, build));
}

function place(
  rows: readonly ShardRow[],
  members: readonly Member[],
  open: OpenWorkflows,
): ReadonlyMap<ShardId, Incarnation> {
  const ready = members.filter(isPlaced);
  // Where nobody is, those that lack the transport or leave do better than none; and a cordoned one than those.
  const fit = ready.length > 0 ? ready : members.filter(({ state, duty }) => state === 'ready' && duty !== 'drain');
  const builds = new BuildOrder(fit);
  const owned = new Map(rows.map(({ shard, build }) => [shard, build]));
  const byIncarnation = new Map(fit.map(member => [member.incarnation, member]));
  const placed = placeShards(rows.length, fit.map(ringMember), (shard, { incarnation }) =>
    builds.mayTake(byIncarnation.get(incarnation)!.build, owned.get(shard) ?? null),
  );
  if (open.size === 0) return placed;
  const moved = new Map(placed);
  for (const { shard, build } of rows) {
    const wanted = open.get(shard);
    const at = placed.get(shard);
    if (!wanted || at === undefined || servesAll(byIncarnation.get(at)!, wanted)) continue;
    const able = fit.filter(member => servesAll(member, wanted) && builds.mayTake(member.build, build));
    const to = nearest(shard, able.map(ringMember));
    // Where nobody has all, what is not served is held.
    if (to !== undefined) moved.set(shard, to);
  }
  return moved;
}

function ringMember({ incarnation, address }: Member): RingMember {
  return { incarnation, place: address };
}
