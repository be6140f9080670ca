import { decode } from '@dfnsjs/actor-core/records';
import type { Histories, RunHistory } from '../invariants/history.ts';
import { Violation } from '../invariants/violation.ts';
import { errorText } from '../world/describe.ts';
import { type Input, type Ping, type Report, SIGNALS } from './interpreter.ts';

/** What a run came to is what its program says: each op done, nothing impossible seen, signals taken in order. */
export function assertOutcome(histories: Histories, run: RunHistory): void {
  const { row } = run;
  if (row.status === 'failed') {
    throw new Violation('progress', `"${row.id}" failed: ${row.output ? errorText(row.output) : 'nobody knows why'}`);
  }
  if (row.status !== 'completed') return;
  const { ops } = decode(row.input!) as Input;
  const report = decode(row.output!) as Report;
  if (report.wrong.length > 0) throw new Violation('progress', `"${row.id}" saw what cannot be: ${report.wrong[0]}`);
  if (report.done !== ops.length)
    throw new Violation('progress', `"${row.id}" did ${report.done} of ${ops.length} things.`);
  for (const name of Object.keys(SIGNALS)) {
    const arrived = arrivals(histories, run, name);
    const took = report.took[name] ?? [];
    // Waits that are settled by one message resume in the order of their awaits, which is not that of the signals.
    const first = new Set(arrived.slice(0, took.length));
    for (const [i, tag] of took.entries()) {
      if (!first.delete(tag) || (name === 'note' && arrived[i] !== tag)) {
        throw new Violation(
          'exactly-once',
          `"${row.id}" took ${tag} as its ${name} ${i}, where ${arrived[i]} arrived.`,
        );
      }
    }
  }
}

/** Tags of a signal in the order in which the execution's runs took them into their journals. */
function arrivals(histories: Histories, run: RunHistory, name: string): string[] {
  const runs: string[][] = [];
  for (const each of histories.ofId(run.row.namespace, run.row.id)) {
    if (each.row.first !== run.row.first) continue;
    const messages = each.turns.flatMap(turn => turn.messages);
    // It holds what it kept of the run before, and takes again what came after the cut.
    if (messages.some(message => message.kind === 'reset')) runs.pop();
    const tags: string[] = [];
    for (const message of messages) {
      if (message.kind === 'signal' && message.name === name) tags.push((decode(message.payload) as Ping).tag);
    }
    runs.push(tags);
  }
  return runs.flat();
}
