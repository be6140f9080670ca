import type { Cluster, ClusterMember } from '@dfnsjs/client';
import type { Io } from './io.ts';
import { table, type Column } from './table.ts';
import { paintFor, widthOf } from './terminal.ts';

/** Of the node that answers, before its address. */
const HERE = '* ';

/** A line a node; the one that answers is marked. */
export function nodeTable({ nodes, self }: Cluster, io: Io): string {
  const columns: readonly Column<ClusterMember>[] = [
    { title: 'ADDRESS', cell: ({ id, address }) => (id === self ? HERE : '') + address, shrinks: true },
    { title: 'STATE', cell: stateOf, paint: (node, text, paint) => (isWell(node) ? text : paint('yellow', text)) },
    { title: 'SHARDS', cell: ({ shards }) => String(shards) },
    { title: 'RESIDENTS', cell: ({ residents }) => String(residents) },
    { title: 'LAG', cell: ({ loopLagMs }) => `${loopLagMs} ms` },
    { title: 'LEASE', cell: ({ leaseMs }) => (leaseMs === null ? '' : `${leaseMs} ms`) },
    { title: 'BUILD', cell: ({ build }) => build, shrinks: true },
    { title: 'ID', cell: ({ id }) => id, shrinks: true },
  ];
  return table(nodes, columns, { width: widthOf(io.stdout), paint: paintFor(io.stdout, io.env) });
}

/** `ready`, or all that keeps it from being no more than that. */
function stateOf({ state, duty, shards, transport, leaseMs }: ClusterMember): string {
  const words = [
    leaseMs === 0 ? 'lost' : state === 'leaving' ? state : '',
    duty === 'cordon' ? 'cordoned' : duty !== 'drain' ? '' : shards > 0 ? 'draining' : 'drained',
    transport ? '' : 'no transport',
  ].filter(word => word !== '');
  return words.join(', ') || state;
}

function isWell(node: ClusterMember): boolean {
  return stateOf(node) === 'ready';
}
