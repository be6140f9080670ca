import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';
import { readInput } from './input.ts';
import { valueText } from './outcome.ts';

export const verb: Verb = {
  summary: 'Ask an execution a query, a closed one too.',
  arguments: [
    ['<id>', 'id of the execution'],
    ['<name>', 'name of the query'],
    ['[json]', 'its input: JSON, @FILE, or - for standard input'],
  ],
  options: [
    { flags: '--at-turn <n>', help: 'as it was after that turn' },
    { flags: '--json', help: 'the answer as JSON' },
  ],
  connects: true,
  examples: ['query order-17 status', 'query order-17 status --at-turn 12'],
  async run(given, io) {
    const input = await readInput(given.optionalArgument(2), 'The input', io);
    const client = await io.connect(await readTarget(given, io));
    const options = { atTurn: given.number('atTurn'), abortSignal: io.interrupted };
    const answer: unknown = await client.get(given.argument(0)).query(given.argument(1), input as never, options);
    say(io, given.flag('json') ? toJson({ result: answer ?? null }) : valueText(answer));
  },
};
