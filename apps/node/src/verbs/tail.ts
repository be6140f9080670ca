import { setTimeout as pause } from 'node:timers/promises';
import type { ExecutionSummary } from '@dfnsjs/client';
import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { cut } from '../cli/table.ts';
import { paintFor, printable, say, widthOf } from '../cli/terminal.ts';
import { timeText } from '../cli/time-text.ts';
import type { Verb } from '../cli/verb.ts';
import { paintStatus, statusText, why, workflowText } from './execution-cells.ts';
import { FILTER_ARGUMENT, FILTER_OPTIONS, readFilterOptions } from './filter-options.ts';

const LOOK_EVERY_MS = 1_000;
/** How far back a look goes: changes of executions that more than so many started after are not seen. */
const SEEN = 500;
const DEFAULT_LINES = 10;

export const verb: Verb = {
  summary: 'Follow executions as they start, are held and end.',
  details: `It looks at the ${SEEN} newest once a second.`,
  arguments: [FILTER_ARGUMENT],
  options: [
    ...FILTER_OPTIONS.filter(({ flags }) => !flags.startsWith('--status') && !flags.startsWith('--held')),
    { flags: '--lines <n>', help: `show the last so many first (default ${DEFAULT_LINES})` },
    { flags: '--json', help: 'one JSON object a line' },
  ],
  connects: true,
  examples: ['tail', 'tail --workflow order --lines 0'],
  async run(given, io) {
    const json = given.flag('json');
    const lines = given.number('lines') ?? DEFAULT_LINES;
    const filter = readFilterOptions(given, Date.now());
    const paint = paintFor(io.stdout, io.env);
    const client = await io.connect(await readTarget(given, io.env, io.cwd));
    let known: Map<string, string> | undefined;
    for (;;) {
      const newest: ExecutionSummary[] = [];
      for await (const execution of client.list({ ...filter, abortSignal: io.interrupted })) {
        if (newest.push(execution) === SEEN) break;
      }
      const now = Date.now();
      const changed = known ? newest.filter(each => known?.get(each.id) !== stateOf(each)) : newest.slice(0, lines);
      for (const execution of changed.toReversed()) {
        const at = execution.closedAt ?? execution.held?.at ?? execution.startedAt;
        const shown = paintStatus(execution, statusText(execution).padEnd(12), paint);
        const rest = printable([execution.id, workflowText(execution), why(execution, now)].join('  ').trimEnd());
        say(io, json ? toJson(execution) : `${timeText(at)}  ${shown}  ${cut(rest, widthOf(io.stdout) - 35)}`);
      }
      known = new Map(newest.map(each => [each.id, stateOf(each)]));
      await pause(LOOK_EVERY_MS, undefined, { signal: io.interrupted });
    }
  },
};

function stateOf({ runId, status, held }: ExecutionSummary): string {
  return `${runId} ${status} ${held?.code ?? ''}`;
}
