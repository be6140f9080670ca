import type { ExecutionSummary } from '@dfnsjs/client';
import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { table } from '../cli/table.ts';
import { paintFor, say, widthOf } from '../cli/terminal.ts';
import { usage, type Verb } from '../cli/verb.ts';
import { executionColumns } from './execution-cells.ts';
import { FILTER_ARGUMENT, FILTER_OPTIONS, readFilterOptions } from './filter-options.ts';

const DEFAULT_LIMIT = 50;

export const verb: Verb = {
  summary: 'List executions, the newest first.',
  arguments: [FILTER_ARGUMENT],
  options: [
    ...FILTER_OPTIONS,
    { flags: '--order <order>', help: 'newest or oldest first' },
    { flags: '--limit <n>', help: `at most so many (default ${DEFAULT_LIMIT}; with --json all)` },
    { flags: '--json', help: 'one JSON object a line' },
  ],
  connects: true,
  examples: [
    'list',
    "list 'status:failed workflow:order started>-24h'",
    'list --status failed --started-after 24h',
    "list --held --json | jq -r '.id'",
  ],
  async run(given, io) {
    const json = given.flag('json');
    const limit = given.number('limit') ?? (json ? Infinity : DEFAULT_LIMIT);
    if (limit < 1) throw usage('--limit must be at least 1.');
    const now = Date.now();
    const order = (given.text('order') ?? 'newest') as 'newest';
    const client = await io.connect(await readTarget(given, io));
    const listed = client.list({ ...readFilterOptions(given, now), order, abortSignal: io.interrupted });
    const rows: ExecutionSummary[] = [];
    let more = false;
    let count = 0;
    for await (const execution of listed) {
      if (count++ >= limit) {
        more = true;
        break;
      }
      if (json) say(io, toJson(execution));
      else rows.push(execution);
    }
    if (json) return;
    if (rows.length === 0) return say(io, 'No executions.');
    const paint = paintFor(io.stdout, io.env);
    say(io, table(rows, executionColumns(now), { width: widthOf(io.stdout), paint }));
    if (more) say(io, paint('dim', `… and more: --limit ${limit * 2} shows them, a filter narrows them.`));
  },
};
