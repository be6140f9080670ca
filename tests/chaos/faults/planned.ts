import type { Cluster } from '../cluster.ts';
import { holdsWithin, settlesWithin } from '../within.ts';
import { longs } from '../workflows/long.ts';
import { NOTHING, type Fault } from './fault.ts';

const ROUNDS = 4;
const JOINS = 10;
const LONGS = 30;
const LONGS_EACH = 3;
const LONGS_STUCK_MS = 180_000;

/** Nodes come, and the oldest ones leave as soon as they have come; each that leaves waits for its bodies. */
async function joinAndLeave(cluster: Cluster): Promise<readonly string[]> {
  const { ledger, postgres, database } = cluster;
  const client = cluster.client();
  const ids = Array.from({ length: LONGS }, (_, n) => `longs-${n}`);
  await Promise.all(ids.map(id => client.start(longs, { count: LONGS_EACH, ledger }, { id })));
  const results = ids.map(id => client.get(longs, id).result());
  const leaving: Promise<void>[] = [];
  for (let n = 0; n < JOINS; n++) {
    await cluster.add();
    const [oldest] = cluster.nodes;
    leaving.push(cluster.end(oldest!, 'SIGTERM'));
    const owned = 'SELECT FROM dfns.shard s JOIN dfns.node n ON n.incarnation = s.owner WHERE n.address = $1';
    const left = async () => (await postgres.run(database, owned, [oldest!.place])).length === 0;
    await holdsWithin(`shards of ${oldest!.place} to be given up`, left);
  }
  await settlesWithin('nodes to leave', Promise.all(leaving));
  await settlesWithin('results of long bodies', Promise.all(results), LONGS_STUCK_MS);
  return NOTHING;
}

export const PLANNED_FAULTS: Readonly<Record<string, Fault>> = {
  drain: {
    says: 'a node comes, and another is drained',
    nobodyDies: true,
    async strike(cluster) {
      await cluster.add();
      await cluster.end(cluster.nodes[0]!, 'SIGTERM');
      return NOTHING;
    },
  },
  joins: {
    says: `${JOINS} nodes come and as many leave, under bodies of 20 s`,
    nobodyDies: true,
    strike: joinAndLeave,
  },
  rolling: {
    says: `all nodes are replaced one after the other, ${ROUNDS} times`,
    nobodyDies: true,
    async strike(cluster) {
      for (let n = 0; n < ROUNDS * 3; n++) {
        await cluster.add();
        await cluster.end(cluster.nodes[0]!, 'SIGTERM');
      }
      return NOTHING;
    },
  },
};
