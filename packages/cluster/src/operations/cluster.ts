import { DfnsError } from '@dfnsjs/actor-core';
import type { Duty, Member, Membership, ShardRow } from '@dfnsjs/actor-core/ports';
import type { ClusterNodeReply, NodeAddress, Operations } from '@dfnsjs/client';
import { movingOf } from '../placement/moves.ts';
import { openWorkflowsIn } from '../shards/open-workflows.ts';
import type { OperationContext } from './context.ts';

type ClusterOperations = Pick<Operations, 'cluster' | 'cordonNode' | 'drainNode' | 'uncordonNode'>;

/** Who there is and who has what, as the store says just now. */
export function clusterOperations(context: OperationContext): ClusterOperations {
  const { store } = context;
  const setDuty = async ({ id }: NodeAddress, duty: Duty): Promise<ClusterNodeReply> => {
    if (store.exclusive) {
      throw new DfnsError('VALIDATION', 'This store is one node’s alone: nobody could take its shards. Stop the node.');
    }
    const { incarnation } = meant(id, (await view(context)).membership);
    await store.setDuty(incarnation, duty);
    const { membership, rows } = await view(context);
    // One that ended meanwhile serves no more.
    return nodeOf(meant(incarnation, membership), rows, false);
  };
  return {
    async cluster() {
      const { membership, rows } = await view(context);
      const shards = rows.map(({ shard }) => shard);
      const open = await openWorkflowsIn(store, membership.members, shards);
      const living = new Set<string | null>(membership.members.map(({ incarnation }) => incarnation));
      return {
        nodes: membership.members.map(member => nodeOf(member, rows, store.exclusive)),
        shards: {
          total: rows.length,
          owned: rows.filter(({ owner }) => living.has(owner)).length,
          moving: movingOf(rows, membership, open),
        },
        membershipVersion: membership.version,
        self: context.node(),
      };
    },

    cordonNode: request => setDuty(request, 'cordon'),
    drainNode: request => setDuty(request, 'drain'),
    uncordonNode: request => setDuty(request, 'serve'),
  };
}

interface View {
  readonly membership: Membership;
  readonly rows: readonly ShardRow[];
}

/** This node tells of itself what is so now; the store has of it what was so at its last renewal. */
async function view({ store, node, report }: OperationContext): Promise<View> {
  const [membership, rows] = await Promise.all([store.members(), store.shards()]);
  const self = node();
  const isShown = ({ incarnation }: Member) => !store.exclusive || incarnation === self;
  const members = membership.members
    .filter(isShown)
    .map(member => (member.incarnation === self ? { ...member, ...report() } : member));
  return { membership: { ...membership, members }, rows };
}

function meant(id: string, { members }: Membership): Member {
  const found =
    members.find(({ incarnation }) => incarnation === id) ?? members.findLast(({ address }) => address === id);
  if (found) return found;
  const known = members.map(({ address }) => address).join(', ');
  throw new DfnsError('NOT_FOUND', `There is no node "${id}". There are: ${known}.`, { details: { id } });
}

function nodeOf(member: Member, rows: readonly ShardRow[], alone: boolean): ClusterNodeReply {
  const { incarnation, address, build, state, duty, residents, loopLagMs, leaseLeftMs, transport, workflows } = member;
  return {
    ...{ id: incarnation, address, build, state, duty },
    shards: rows.filter(({ owner }) => owner === incarnation).length,
    ...{ residents, loopLagMs },
    leaseMs: alone ? null : Math.max(0, Math.round(leaseLeftMs)),
    transport,
    workflows: workflows.map(({ name, version }) => ({ name, version })),
  };
}
