import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';

export const verb: Verb = {
  summary: 'End an execution at once: none of its code runs.',
  arguments: [['<id>', 'id of the execution']],
  options: [
    { flags: '--reason <text>', help: 'kept with the execution' },
    { flags: '--json', help: 'the answer as JSON' },
  ],
  connects: true,
  examples: ['terminate order-17', 'terminate order-17 --reason "ordered twice"'],
  async run(given, io) {
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(given.argument(0));
    await handle.terminate(given.text('reason'), { abortSignal: io.interrupted });
    say(io, given.flag('json') ? toJson({ id: handle.id }) : 'terminated');
  },
};
