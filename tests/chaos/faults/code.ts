import type { Cluster } from '../cluster.ts';
import { holdsWithin, settlesWithin } from '../within.ts';
import { blocking, deadly } from '../workflows/deadly.ts';
import { LONG_MS, type Fault } from './fault.ts';

/** Each death costs a lease and the start of a process. */
const DEATHS_MS = 180_000;
/** Five that are counted, and one before whose code is not known. */
const DEATHS = [5, 6, 7];

/** Nodes that it takes down come back, until it is held. */
async function takeNodesDown(cluster: Cluster): Promise<readonly string[]> {
  const { postgres, database } = cluster;
  // Its first node may die before it has answered.
  const started = cluster.client().start(deadly, undefined, { id: 'deadly' });
  started.catch(() => undefined);
  let deaths = 0;
  const reviveAll = async () => {
    for (const node of cluster.nodes.filter(({ program }) => program.hasEnded)) {
      deaths++;
      await cluster.revive(node);
    }
  };
  const held = `SELECT held FROM dfns.run WHERE id = 'deadly' AND held IS NOT NULL`;
  await holdsWithin(
    'the deadly one to be held',
    async () => {
      await reviveAll();
      return (await postgres.run(database, held)).length > 0;
    },
    DEATHS_MS,
  );
  // Some may have died while another was started.
  await reviveAll();
  await settlesWithin('an answer to the start of the deadly one', started);
  return DEATHS.includes(deaths) ? [] : [`${deaths} nodes died before the deadly one was held`];
}

export const CODE_FAULTS: Readonly<Record<string, Fault>> = {
  blocking: {
    says: 'an execution holds up the event loop of its node for longer than a lease',
    nobodyDies: true,
    async strike(cluster) {
      const result = cluster.client().execute(blocking, LONG_MS, { id: 'blocking' });
      await settlesWithin('the one that blocks', result);
      return [];
    },
  },
  deadly: { says: 'an execution takes its node down, again and again', strike: takeNodesDown },
};
