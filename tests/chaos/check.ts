import { setTimeout as pause } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';
import { begunAgain, begunIn } from './ledger.ts';
import type { Ended } from './load.ts';
import { NOTES_A_TASK, type Note } from './workflows/entity.ts';

/** What does not hold of an execution's messages: of each sender 1 to its count, each once and in this order. */
export function outOfOrder(id: string, counts: ReadonlyMap<string, number>, taken: readonly Note[]): string[] {
  const wrong: string[] = [];
  for (const [from, count] of counts) {
    const got = taken.filter(each => each.from === from).map(({ n }) => n);
    const isRight = got.length === count && got.every((n, at) => n === at + 1);
    if (!isRight) wrong.push(`${id}: of ${from} 1 to ${count} were sent, and taken are ${got.join(' ')}`);
  }
  return wrong;
}

/** Longer than an owner takes to look through its inboxes twice. */
const SETTLED_MS = 30_000;

/** Each says in words what it finds. */
const AT_THE_END = [
  `WITH piece AS (
     SELECT eid, seq AS first, seq AS last FROM dfns.journal
     UNION ALL SELECT eid, first_seq, last_seq FROM dfns.snapshot
   ), follows AS (
     SELECT eid, first, lag(last, 1, 0) OVER (PARTITION BY eid ORDER BY first) AS before FROM piece
   ) SELECT format('run %s: turn %s follows turn %s', eid, first, before) AS wrong FROM follows WHERE first <> before + 1`,
  `SELECT format('a message for %s was never taken', coalesce(r.id, i.receiver::text)) AS wrong
   FROM dfns.inbox i LEFT JOIN dfns.run r ON r.eid = i.receiver`,
  `SELECT format('%s still runs', id) AS wrong FROM dfns.run WHERE status = 0 AND held IS NULL`,
];

/**
 * Journals with a gap, messages that nobody took, executions that have not ended. A message that was put twice into the
 * inbox, and taken once, is found again by whoever looks through it.
 */
async function checkStore({ postgres, database }: Cluster): Promise<string[]> {
  for (const until = performance.now() + SETTLED_MS; ; await pause(500)) {
    const wrong: string[] = [];
    for (const sql of AT_THE_END) {
      for (const row of await postgres.run(database, sql)) wrong.push(String(row['wrong']));
    }
    if (wrong.length === 0 || performance.now() > until) return wrong;
  }
}

/** What does not hold, in words; nothing: all is well. */
export async function check(cluster: Cluster, ended: readonly Ended[]): Promise<string[]> {
  const wrong = ended.flatMap(({ id, answered, taken }) => outOfOrder(id, answered, taken));
  const harmed = await cluster.harmed();
  const begun = begunIn(cluster.ledger);
  wrong.push(...begunAgain(begun, harmed));
  for (const { id, lost } of ended) {
    if (lost > 0 && harmed.size === 0) wrong.push(`${id}: ${lost} bodies were lost, and no node died`);
  }
  // Each task that was asked for began. One that may begin only once may have died before.
  const asked = ended.flatMap(({ id, taken }) =>
    Array.from({ length: Math.floor(taken.length / NOTES_A_TASK) }, (_, n) => `${id} ${(n + 1) * NOTES_A_TASK}`),
  );
  const again = new Set(begun.filter(({ kind }) => kind === 'again').map(({ key }) => key));
  for (const key of asked) if (!again.has(key)) wrong.push(`never began: ${key}`);
  return [...wrong, ...(await checkStore(cluster))];
}
