import type { Client } from 'dfns/client';
import type { Load } from '../load.ts';
import type { Cluster } from '../cluster.ts';
import { holdsWithin } from '../within.ts';
import { holds, item } from '../workflows/held.ts';
import type { Fault } from './fault.ts';

const ROWS = 50_000;
const AT_ONCE = 100;
const WATCHED_MS = 20_000;
const P99_MS = 2_500;

async function sendItems(client: Client): Promise<void> {
  const handle = await client.start(holds, undefined, { id: 'holds' });
  let sent = 0;
  const sending = async () => {
    while (sent < ROWS) await handle.signal(item, ++sent);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sending));
}

/** A reader that does not end keeps what was deleted since from being cleared away. */
async function watchBesideReader(cluster: Cluster, load: Load): Promise<readonly string[]> {
  const { postgres, database } = cluster;
  await sendItems(cluster.client());
  const sql = `BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM dfns.inbox; SELECT pg_sleep(${WATCHED_MS / 1_000}); COMMIT`;
  const before = load.tookMs.length;
  await postgres.run(database, sql);
  const took = load.tookMs.slice(before).sort((a, b) => a - b);
  const p99 = took[Math.floor(took.length * 0.99)] ?? Infinity;
  const [row] = await postgres.run(database, 'SELECT count(*) AS rows FROM dfns.inbox');
  const wrong = p99 > P99_MS ? [`one of a hundred notes took more than ${Math.round(p99)} ms`] : [];
  // Its first item made it fail; the others wait as rows.
  if (Number(row!['rows']) < ROWS - 1) wrong.push(`${String(row!['rows'])} rows wait, of ${ROWS}`);
  await cluster.client().get(holds, 'holds').terminate('the end');
  await holdsWithin('rows of an ended execution to go', async () => {
    const [left] = await postgres.run(database, 'SELECT count(*) AS rows FROM dfns.inbox');
    return Number(left!['rows']) === 0;
  });
  return wrong;
}

export const INBOX_FAULTS: Readonly<Record<string, Fault>> = {
  inbox: {
    says: `a held execution has ${ROWS} messages, and a reader of Postgres stays for long`,
    nobodyDies: true,
    strike: watchBesideReader,
  },
};
