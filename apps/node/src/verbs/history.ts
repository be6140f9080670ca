import type { ExecutionEvent } from '@dfnsjs/client';
import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { table, type Column } from '../cli/table.ts';
import { paintFor, say, widthOf, type Paint } from '../cli/terminal.ts';
import { spanText, timeText } from '../cli/time-text.ts';
import { usage, type Verb } from '../cli/verb.ts';

/** Rows laid out together: a long history is shown as it is read. */
const PAGE_ROWS = 500;

export const verb: Verb = {
  summary: 'Show what happened in an execution, event by event.',
  arguments: [['<id>', 'id of the execution']],
  options: [
    { flags: '--run <runId>', help: 'an earlier run (default: the newest)' },
    { flags: '--type <type>', help: 'only events of a type; may be given several times', many: true },
    { flags: '--json', help: 'one JSON object an event and line' },
    { flags: '--export', help: 'the run as a file for `dfns replay` and `dfns check`, with its inputs and results' },
  ],
  connects: true,
  examples: [
    'history order-17',
    'history order-17 --type task-failed --json',
    'history order-17 --export > order-17.json',
  ],
  async run(given, io) {
    const types = given.many('type');
    const wrong = types.find(type => !/^[a-z-]+$/.test(type));
    if (wrong !== undefined) throw usage(`--type must be a type of event such as task-failed, got "${wrong}".`);
    const client = await io.connect(await readTarget(given, io));
    if (given.flag('export')) {
      const options = { runId: given.text('run'), abortSignal: io.interrupted };
      return say(io, toJson(await client.get(given.argument(0)).exportHistory(options), 2));
    }
    const events = client.get(given.argument(0)).history({ runId: given.text('run'), abortSignal: io.interrupted });
    const style = { width: widthOf(io.stdout), paint: paintFor(io.stdout, io.env) };
    let rows: ExecutionEvent[] = [];
    let startedAt: Date | undefined;
    const flush = () => {
      if (rows.length > 0) say(io, table(rows, columns(startedAt ?? new Date(0)), style));
      rows = [];
    };
    for await (const event of events) {
      startedAt ??= event.at;
      if (types.length > 0 && !types.includes(event.type)) continue;
      if (given.flag('json')) say(io, toJson(event));
      else if (rows.push(event) === PAGE_ROWS) flush();
    }
    flush();
  },
};

function columns(startedAt: Date): readonly Column<ExecutionEvent>[] {
  return [
    { title: '#', cell: ({ seq }) => String(seq) },
    { title: 'CMD', cell: ({ command }) => (command === undefined ? '' : String(command)) },
    { title: 'AT', cell: ({ at, seq }) => (seq === 1 ? timeText(at) : `+${spanText(+at - +startedAt)}`) },
    { title: 'EVENT', cell: ({ type }) => type, paint: paintType },
    {
      title: 'WHAT',
      cell: ({ name, label, to }) => [label ?? name, to && `→ ${to}`].filter(Boolean).join(' '),
      shrinks: true,
    },
    { title: 'DETAILS', cell: event => details(event), shrinks: true },
  ];
}

function paintType({ type }: ExecutionEvent, text: string, paint: Paint): string {
  if (type === 'task-failed' || type === 'node-crashed' || type === 'timed-out') return paint('red', text);
  return type === 'closed' || type === 'started' ? paint('bold', text) : text;
}

function details(event: ExecutionEvent): string {
  const { attempt, status, error, reason, until, at, value, attributes } = event;
  const parts: string[] = [];
  if (attempt !== undefined && attempt > 1) parts.push(`attempt ${attempt}`);
  if (status) parts.push(status);
  if (error) parts.push(`${error.name}: ${error.message}`);
  if (reason) parts.push(reason);
  if (until) parts.push(`${event.type === 'task-failed' ? 'next' : 'due'} in ${spanText(+until - +at)}`);
  if (attributes) parts.push(toJson(attributes));
  if (event.details) parts.push(event.details);
  if ('value' in event && value !== undefined) parts.push(toJson(value));
  return parts.join(', ');
}
