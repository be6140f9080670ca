import { readFileSync } from 'node:fs';
import type { Cluster } from './cluster.ts';
import type { Ended } from './load.ts';

/** What does not hold, in words; nothing: all is well. */
export async function check(cluster: Cluster, ended: readonly Ended[], isPlanned: boolean): Promise<string[]> {
  const wrong: string[] = [];
  for (const { id, answered, taken, lost } of ended) {
    for (const [from, count] of answered) {
      const got = taken.filter(each => each.from === from).map(({ n }) => n);
      const isRight = got.length === count && got.every((n, at) => n === at + 1);
      if (!isRight) wrong.push(`${id}: of ${from} 1 to ${count} were answered, and taken are ${got.join(' ')}`);
    }
    if (isPlanned && lost > 0) wrong.push(`${id}: ${lost} bodies were lost in a planned change`);
  }
  const starts = readFileSync(cluster.ledger, 'utf8').split('\n').filter(Boolean);
  const seen = new Set<string>();
  for (const line of starts) {
    if (seen.has(line) && (isPlanned || line.startsWith('once '))) wrong.push(`began twice: ${line}`);
    seen.add(line);
  }
  // Each task that was asked for began, unless its node died before.
  const asked = ended.reduce((sum, { taken }) => sum + Math.floor(taken.length / 5), 0);
  const again = [...seen].filter(line => line.startsWith('again ')).length;
  if (again !== asked) wrong.push(`${again} of ${asked} tasks that are tried again began`);
  const { count, byStatus } = await cluster.client().count();
  if (byStatus['completed'] !== ended.length) wrong.push(`of ${count} executions ended: ${JSON.stringify(byStatus)}`);
  return wrong;
}
