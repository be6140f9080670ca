import test from 'ava';
import type { Cluster, ClusterMember } from '@dfnsjs/client';
import { nodeTable } from './cluster-table.ts';
import type { Io } from './io.ts';

const IO = { stdout: { write: () => undefined }, env: {} } as unknown as Io;

const NODE: ClusterMember = {
  ...{ id: 'n', address: 'a', build: 'b', state: 'ready', duty: 'serve', shards: 4 },
  ...{ residents: 0, loopLagMs: 0, leaseMs: 3_000, transport: true, workflows: [] },
};

/** What the table says of a node's state. */
function stateOf(node: Partial<ClusterMember>): string | undefined {
  const shards = { total: 16, owned: 16, moving: 0 };
  const cluster: Cluster = { nodes: [{ ...NODE, ...node }], shards, membershipVersion: 1, self: 'x' };
  return nodeTable(cluster, IO).split('\n')[1]?.split(/ {2,}/)[1];
}

for (const [node, state] of [
  [{}, 'ready'],
  [{ duty: 'cordon' }, 'cordoned'],
  [{ duty: 'drain' }, 'draining'],
  [{ duty: 'drain', shards: 0 }, 'drained'],
  [{ duty: 'drain', shards: 0, transport: false }, 'drained, no transport'],
  [{ state: 'leaving', leaseMs: 0 }, 'lost'],
] as const) {
  test(`${JSON.stringify(node)} is ${state}`, t => t.is(stateOf(node), state));
}
