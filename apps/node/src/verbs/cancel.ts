import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';
import { storedText } from './held.ts';

export const verb: Verb = {
  summary: 'Ask an execution to stop: its code cleans up, then it is cancelled.',
  arguments: [['<id>', 'id of the execution']],
  options: [
    { flags: '--reason <text>', help: 'kept with the execution' },
    { flags: '--json', help: 'the answer as JSON' },
  ],
  connects: true,
  examples: ['cancel order-17', 'cancel order-17 --reason "ordered twice"'],
  async run(given, io) {
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(given.argument(0));
    const taken = await handle.cancel(given.text('reason'), { abortSignal: io.interrupted });
    const done = storedText(taken) ?? 'cancelled: it ends when its code has cleaned up';
    say(io, given.flag('json') ? toJson({ id: handle.id, held: taken.held }) : done);
  },
};
