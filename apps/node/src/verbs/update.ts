import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';
import { readInput } from './input.ts';
import { valueText } from './outcome.ts';

export const verb: Verb = {
  summary: 'Send an update to an execution and wait for its answer.',
  arguments: [
    ['<id>', 'id of the execution'],
    ['<name>', 'name of the update'],
    ['[json]', 'its input: JSON, @FILE, or - for standard input'],
  ],
  options: [{ flags: '--json', help: 'the answer as JSON' }],
  connects: true,
  examples: ['update order-17 set-qty 3', 'update order-17 set-address @address.json'],
  async run(given, io) {
    const input = await readInput(given.optionalArgument(2), 'The input', io);
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(given.argument(0));
    const answer: unknown = await handle.update(given.argument(1), input as never, { abortSignal: io.interrupted });
    say(io, given.flag('json') ? toJson({ result: answer ?? null }) : valueText(answer));
  },
};
