import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';
import { storedText } from './held.ts';
import { readInput } from './input.ts';

export const verb: Verb = {
  summary: 'Send a signal to an execution.',
  details: 'It is durable when this returns.',
  arguments: [
    ['<id>', 'id of the execution'],
    ['<name>', 'name of the signal'],
    ['[json]', 'its payload: JSON, @FILE, or - for standard input'],
  ],
  options: [{ flags: '--json', help: 'the answer as JSON' }],
  connects: true,
  examples: [`signal order-17 approval '{"by":"mia","ok":true}'`, 'signal order-17 stop'],
  async run(given, io) {
    const payload = await readInput(given.optionalArgument(2), 'The payload', io);
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(given.argument(0));
    const taken = await handle.signal(given.argument(1), payload as never, { abortSignal: io.interrupted });
    const told = { id: handle.id, signal: given.argument(1), held: taken.held };
    say(io, given.flag('json') ? toJson(told) : (storedText(taken) ?? 'sent'));
  },
};
