import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';

export const verb: Verb = {
  summary: 'Let a held execution go on.',
  arguments: [['<id>', 'id of the execution']],
  options: [{ flags: '--json', help: 'the answer as JSON' }],
  connects: true,
  examples: ['retry order-17'],
  async run(given, io) {
    const client = await io.connect(await readTarget(given, io.env, io.cwd));
    const handle = client.get(given.argument(0));
    await handle.retry({ abortSignal: io.interrupted });
    say(io, given.flag('json') ? toJson({ id: handle.id }) : 'it goes on');
  },
};
