import type { Description } from '@dfnsjs/client';
import { Absence } from '../cli/absence.ts';
import { changes, LOOK_EVERY_MS } from '../cli/changes.ts';
import { readTarget } from '../cli/connection.ts';
import { EXIT } from '../cli/exit-code.ts';
import { toJson } from '../cli/json.ts';
import { displayWidth } from '../cli/table.ts';
import { paintFor, say, widthOf } from '../cli/terminal.ts';
import { timeText } from '../cli/time-text.ts';
import type { Verb } from '../cli/verb.ts';
import { statusText, why } from './execution-cells.ts';
import { heldText } from './held.ts';
import { describe } from './show.ts';

/** On a terminal it says how long things take. */
const REDRAW_EVERY_MS = 1_000;

export const verb: Verb = {
  summary: 'Follow an execution until it ends.',
  details:
    'On a terminal the picture of `dfns show` kept fresh, else a line whenever it changes. Exits 4 where it fails.',
  arguments: [['<id>', 'id of the execution']],
  options: [{ flags: '--json', help: 'one JSON object a line, whenever it changes' }],
  connects: true,
  examples: ['watch order-17'],
  async run(given, io) {
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(given.argument(0));
    const redraws = io.stdout.isTTY === true && !given.flag('json');
    const paint = paintFor(io.stdout, io.env);
    const width = widthOf(io.stdout);
    const absence = new Absence(io);
    let drawn = 0;
    let last = '';
    let toldHeld = false;
    let execution: Description | undefined;
    let lookedAt = 0;
    const listen = () => client.events({ id: handle.id, abortSignal: io.interrupted });
    for await (const change of changes(listen, redraws ? REDRAW_EVERY_MS : LOOK_EVERY_MS, io.interrupted)) {
      const now = Date.now();
      if (!execution || change || !redraws || now - lookedAt >= LOOK_EVERY_MS) {
        const { count } = absence;
        execution = await absence.ask(() => handle.describe({ abortSignal: io.interrupted }));
        lookedAt = now;
        // Between the picture and here stands that it was away: another picture begins.
        if (absence.count > count) drawn = 0;
      }
      if (execution.held && !toldHeld) {
        toldHeld = true;
        io.stderr.write(heldText(execution));
        // The picture is drawn anew below it.
        drawn = 0;
      }
      if (redraws) {
        const text = describe(execution, now, paint);
        io.stdout.write(`${drawn > 0 ? `\u001b[${drawn}A\u001b[J` : ''}${text}\n`);
        drawn = text.split('\n').reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / width)), 0);
      } else {
        const { status, held, waiting, runId } = execution;
        const state = toJson({ status, held, waiting, runId });
        if (state !== last) {
          const line = [timeText(new Date(now)), statusText(execution), why(execution, now)].join('  ').trimEnd();
          say(io, given.flag('json') ? toJson(execution) : line);
        }
        last = state;
      }
      if (execution.status !== 'running') break;
    }
    return execution?.status === 'completed' ? EXIT.done : EXIT.executionFailed;
  },
};
