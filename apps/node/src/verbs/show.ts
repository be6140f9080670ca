import type { Description } from '@dfnsjs/client';
import { readTarget } from '../cli/connection.ts';
import { describeError } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';
import { paintFor, printable, say, type Paint } from '../cli/terminal.ts';
import { agoText, spanText, timeText } from '../cli/time-text.ts';
import type { Verb } from '../cli/verb.ts';
import { paintStatus, statusText, waitingText, workflowText } from './execution-cells.ts';
import { valueText } from './outcome.ts';

export const verb: Verb = {
  summary: 'Show an execution: its status, what it waits on, its input and outcome.',
  arguments: [['<id>', 'id of the execution']],
  options: [{ flags: '--json', help: 'all that is known, as JSON' }],
  connects: true,
  examples: ['show order-17', "show order-17 --json | jq '.waiting'"],
  async run(given, io) {
    const client = await io.connect(await readTarget(given, io));
    const description = await client.get(given.argument(0)).describe({ abortSignal: io.interrupted });
    if (given.flag('json')) return say(io, toJson(description));
    say(io, describe(description, Date.now(), paintFor(io.stdout, io.env)));
  },
};

/** An execution on a terminal, the most telling first. */
export function describe(execution: Description, now: number, paint: Paint): string {
  const { id, runId, startedAt, closedAt, held, waiting, details, input, result, error, runs } = execution;
  const head = `${paint('bold', printable(id))}  ${paintStatus(execution, statusText(execution), paint)}`;
  const took = closedAt ? `, took ${spanText(+closedAt - +startedAt)}` : '';
  const fields: [string, string][] = [['workflow', workflowText(execution)]];
  fields.push(['started', `${timeText(startedAt)} (${agoText(startedAt, now)}${took})`]);
  if (held) fields.push(['held', paint('yellow', printable(`${held.code}: ${held.message}`))]);
  for (const [n, each] of waiting.entries()) {
    if (execution.status === 'running') fields.push([n === 0 ? 'waits on' : '', printable(waitingText(each, now))]);
  }
  const attributes = Object.entries(execution.attributes);
  if (attributes.length > 0) {
    fields.push(['attributes', printable(attributes.map(([name, value]) => `${name}=${attribute(value)}`).join(' '))]);
  }
  if (details) fields.push(['details', printable(details, true)]);
  if (input !== undefined) fields.push(['input', valueText(input)]);
  if ('result' in execution) fields.push(['result', paint('green', valueText(result) || 'undefined')]);
  if (error) fields.push(['error', describeError(error, paint)]);
  if (runs.length > 1) fields.push(['runs', `${runs.length}, the newest ${runId}`]);
  fields.push(['run', `${runId}, ${execution.turns} turns, ${execution.bytes} bytes`]);
  fields.push(['node', `${execution.node}, shard ${execution.shard}, build ${execution.build}`]);
  const body = fields.map(([name, value]) => `${paint('dim', name.padEnd(10))}  ${indent(value)}`);
  return [head, ...body].join('\n');
}

function attribute(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function indent(text: string): string {
  return text.replaceAll('\n', `\n${' '.repeat(12)}`);
}
