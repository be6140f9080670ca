import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { table } from '../cli/table.ts';
import { paintFor, say, widthOf } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';
import { FILTER_ARGUMENT, FILTER_OPTIONS, readFilterOptions } from './filter-options.ts';

export const verb: Verb = {
  summary: 'Count executions, by status and workflow.',
  arguments: [FILTER_ARGUMENT],
  options: [...FILTER_OPTIONS, { flags: '--json', help: 'the answer as JSON' }],
  connects: true,
  examples: [
    'count',
    "count 'waiting:signal/approval -workflow:test-*'",
    'count --status failed --workflow order --json',
  ],
  async run(given, io) {
    const client = await io.connect(await readTarget(given, io));
    const counted = await client.count(readFilterOptions(given, Date.now()), { abortSignal: io.interrupted });
    if (given.flag('json')) return say(io, toJson(counted));
    const style = { width: widthOf(io.stdout), paint: paintFor(io.stdout, io.env) };
    say(io, `${counted.count}${counted.capped ? ' or more' : ''} executions`);
    for (const [title, counts] of [
      ['STATUS', counted.byStatus],
      ['WORKFLOW', counted.byWorkflow],
    ] as const) {
      const rows = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
      if (rows.length === 0) continue;
      const columns = [
        { title, cell: ([name]: [string, number]) => name, shrinks: true },
        { title: 'COUNT', cell: ([, n]: [string, number]) => String(n) },
      ];
      say(io, `\n${table(rows, columns, style)}`);
    }
  },
};
