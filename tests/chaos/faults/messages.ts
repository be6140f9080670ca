import type { Client } from 'dfns/client';
import { outOfOrder } from '../check.ts';
import type { Cluster } from '../cluster.ts';
import { lossy } from '../lossy.ts';
import { settlesWithin } from '../within.ts';
import { gatherer, sender } from '../workflows/fan-in.ts';
import type { Fault } from './fault.ts';

const SENDERS = 12;
const GATHERERS = 4;
const PARTS = 60;
/** What is lost at the end of a link waits for the look at the inbox, each ten seconds. */
const FAN_IN_MS = 240_000;

/** Some send to all of some others, whose runs follow each other meanwhile. */
async function fanIn(client: Client): Promise<string[]> {
  const senders = Array.from({ length: SENDERS }, (_, n) => `sender-${n}`);
  const gatherers = Array.from({ length: GATHERERS }, (_, n) => `gatherer-${n}`);
  const expected = SENDERS * PARTS;
  await Promise.all(gatherers.map(id => client.start(gatherer, { expected, taken: [] }, { id })));
  await Promise.all(senders.map(id => client.start(sender, { to: gatherers, count: PARTS }, { id })));
  const counts = new Map(senders.map(id => [id, PARTS]));
  const wrong = await Promise.all(
    gatherers.map(async id => outOfOrder(id, counts, await client.get(gatherer, id).result())),
  );
  await Promise.all(senders.map(id => client.get(sender, id).result()));
  return wrong.flat();
}

async function loseMessages(cluster: Cluster): Promise<readonly string[]> {
  const { nodes } = cluster;
  for (const { toNats } of nodes) {
    toNats.filter(lossy);
    toNats.cut();
  }
  const wrong = await settlesWithin('messages of a fan-in', fanIn(cluster.client()), FAN_IN_MS);
  for (const { toNats } of nodes) {
    toNats.filter(undefined);
    toNats.cut();
  }
  return wrong;
}

export const MESSAGE_FAULTS: Readonly<Record<string, Fault>> = {
  lossy: {
    says: 'frames between nodes are lost, come twice and late, while executions send to others',
    nobodyDies: true,
    strike: loseMessages,
  },
};
