import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';
import { begunIn } from '../ledger.ts';
import { holdsWithin } from '../within.ts';
import { first, type FirstStep } from '../workflows/first.ts';
import { LONG_MS, NOTHING, type Fault } from './fault.ts';

const FIRST_STEPS = 500;

/** Half of them begin at most once. Nobody touches them from the kill on, until the store says that they have ended. */
async function killInFirstStep(cluster: Cluster): Promise<readonly string[]> {
  const { ledger, postgres, database } = cluster;
  const client = cluster.client();
  const gate = join(cluster.folder, 'gate');
  const kindOf = (n: number): FirstStep['kind'] => (n % 2 === 0 ? 'once' : 'again');
  const ids = Array.from({ length: FIRST_STEPS }, (_, n) => `first-${n}`);
  await Promise.all(ids.map((id, n) => client.start(first, { kind: kindOf(n), ledger, gate }, { id })));
  await holdsWithin('bodies to begin', () => begunIn(ledger).length === FIRST_STEPS);
  const [victim] = cluster.nodes;
  await cluster.end(victim!, 'SIGKILL');
  const inHand = new Map(begunIn(ledger).map(({ key, place }) => [key, place === victim!.place]));
  writeFileSync(gate, '');
  const open = 'SELECT count(*) AS open FROM dfns.run WHERE status = 0';
  await holdsWithin('first steps to end', async () => Number((await postgres.run(database, open))[0]!['open']) === 0);
  const wrong: string[] = [];
  for (const [n, id] of ids.entries()) {
    const got = await client.get(first, id).result();
    const expected = kindOf(n) === 'once' && inHand.get(id) ? 'lost' : 'done';
    if (got !== expected) wrong.push(`${id}: its step is ${got}, and should be ${expected}`);
  }
  return wrong;
}

export const PROCESS_FAULTS: Readonly<Record<string, Fault>> = {
  kill: {
    says: 'a node is killed',
    async strike(cluster) {
      await cluster.end(cluster.nodes[0]!, 'SIGKILL');
      return NOTHING;
    },
  },
  'kill-all-but-one': {
    says: 'two of three nodes are killed at once, and one comes again',
    async strike(cluster) {
      await Promise.all(cluster.nodes.slice(0, 2).map(node => cluster.end(node, 'SIGKILL')));
      await cluster.add();
      return NOTHING;
    },
  },
  'first-step': {
    says: `a node is killed in the first step of ${FIRST_STEPS} executions, and nothing happens after it`,
    isQuiet: true,
    strike: killInFirstStep,
  },
  freeze: {
    says: 'a node is stopped in the middle of a commit for longer than its lease, and goes on',
    async strike({ nodes: [node] }) {
      await node!.toStore.sends('dfns.commit_1');
      node!.program.signal('SIGSTOP');
      await pause(LONG_MS);
      node!.program.signal('SIGCONT');
      return NOTHING;
    },
  },
};
