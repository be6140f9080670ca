import { DfnsError } from '@dfnsjs/actor-core';
import type { Client, ExecutionChange, ExecutionSummary, ListOptions } from '@dfnsjs/client';
import { Absence } from '../cli/absence.ts';
import { changes, LOOK_EVERY_MS } from '../cli/changes.ts';
import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { cut } from '../cli/table.ts';
import { paintFor, printable, say, widthOf } from '../cli/terminal.ts';
import { timeText } from '../cli/time-text.ts';
import type { Verb } from '../cli/verb.ts';
import { paintStatus, statusText, why, workflowText } from './execution-cells.ts';
import { FILTER_ARGUMENT, FILTER_OPTIONS, readFilterOptions } from './filter-options.ts';

/** How far back a look goes. */
const SEEN = 500;
const DEFAULT_LINES = 10;

export const verb: Verb = {
  summary: 'Follow executions as they start, are held and end.',
  details: `It listens to what changes; every ${LOOK_EVERY_MS / 1_000} s it looks at the ${SEEN} newest too, as a net under lost events.`,
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
    const client = await io.connect(await readTarget(given, io));
    const asked = { ...filter, abortSignal: io.interrupted };
    const print = (execution: ExecutionSummary, changedAt?: Date) => {
      const at = execution.closedAt ?? execution.held?.at ?? changedAt ?? execution.startedAt;
      const shown = paintStatus(execution, statusText(execution).padEnd(12), paint);
      const rest = printable([execution.id, workflowText(execution), why(execution, Date.now())].join('  ').trimEnd());
      say(io, json ? toJson(execution) : `${timeText(at)}  ${shown}  ${cut(rest, widthOf(io.stdout) - 35)}`);
    };
    // Events know nothing of terms: what they tell is then only that it is time to look.
    const { q, ...told } = asked;
    const absence = new Absence(io);
    let known: Map<string, string> | undefined;
    for await (const change of changes(() => client.events(told), LOOK_EVERY_MS, io.interrupted)) {
      if (change && change.type !== 'reset' && !TOLD.has(change.type)) continue;
      if (change && change.type !== 'reset' && q === undefined) {
        const execution = await absence.ask(() => describeOne(client, change, io.interrupted));
        if (!execution || known?.get(execution.id) === stateOf(execution)) continue;
        known?.set(execution.id, stateOf(execution));
        print(execution, change.at);
        continue;
      }
      const newest = await absence.ask(() => listNewest(client, asked));
      const changed = known ? newest.filter(each => known?.get(each.id) !== stateOf(each)) : newest.slice(0, lines);
      // One that was known and is held no more is so since some time before now: its start would say nothing.
      for (const each of changed.toReversed())
        print(each, known?.get(each.id)?.startsWith(each.runId) ? new Date() : undefined);
      known = new Map(newest.map(each => [each.id, stateOf(each)]));
    }
  },
};

/** Other changes leave an execution as it was shown. */
const TOLD: ReadonlySet<ExecutionChange['type']> = new Set(['started', 'held', 'released', 'closed']);

async function listNewest(client: Client, asked: ListOptions): Promise<ExecutionSummary[]> {
  const newest: ExecutionSummary[] = [];
  for await (const execution of client.list(asked)) if (newest.push(execution) === SEEN) break;
  return newest;
}

/** As lists show it; undefined: it is deleted. */
async function describeOne(
  client: Client,
  { id }: ExecutionChange,
  abortSignal: AbortSignal,
): Promise<ExecutionSummary | undefined> {
  try {
    const {
      input: _1,
      result: _2,
      error: _3,
      runs: _4,
      shard: _5,
      node: _6,
      stuck: _7,
      ...summary
    } = await client.get(id).describe({ abortSignal });
    return summary;
  } catch (error) {
    if (error instanceof DfnsError && error.code === 'NOT_FOUND') return undefined;
    throw error;
  }
}

function stateOf({ runId, status, held }: ExecutionSummary): string {
  return `${runId} ${status} ${held?.code ?? ''}`;
}
