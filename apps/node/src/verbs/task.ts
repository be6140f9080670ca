import type { Handle } from '@dfnsjs/client';
import { readTarget } from '../cli/connection.ts';
import type { Io } from '../cli/io.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import { usage, type Given, type Verb } from '../cli/verb.ts';
import { readInput } from './input.ts';

type Action = (handle: Handle, command: number, given: Given, io: Io) => Promise<string>;

const ACTIONS: Readonly<Record<string, Action>> = {
  'retry-now': async (handle, command, _, io) => {
    await handle.retryTaskNow(command, { abortSignal: io.interrupted });
    return 'the next attempt begins';
  },
  complete: async (handle, command, given, io) => {
    const result = await readInput(given.optionalArgument(3), 'The result', io);
    await handle.completeTask(command, result, { abortSignal: io.interrupted });
    return 'completed';
  },
  fail: async (handle, command, given, io) => {
    const message = given.optionalArgument(3);
    if (message === undefined) throw usage('Say after the number of the task why it fails.');
    await handle.failTask(command, { message }, { abortSignal: io.interrupted });
    return 'failed';
  },
};

export const verb: Verb = {
  summary: 'Act on a task that an execution waits for.',
  details:
    'retry-now begins its next attempt, whatever the wait; complete gives it a result (JSON, @FILE or -); fail ends it ' +
    'for good, with a message. Its number is under CMD of `dfns history ID`.',
  arguments: [
    ['<action>', 'retry-now, complete or fail'],
    ['<id>', 'id of the execution'],
    ['<command>', 'number of the task in the history'],
    ['[value]', 'the result, or why it fails'],
  ],
  options: [{ flags: '--json', help: 'the answer as JSON' }],
  connects: true,
  examples: [
    'task retry-now order-17 3',
    `task complete order-17 3 '{"id":"ch_1"}'`,
    'task fail order-17 3 "card expired"',
  ],
  async run(given, io) {
    const name = given.argument(0);
    const act = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
    if (!act) throw usage(`There is no action "${name}" of a task: it is ${Object.keys(ACTIONS).join(', ')}.`);
    const number = given.argument(2);
    if (!/^\d+$/.test(number)) throw usage(`The number of a task must be a whole number, got "${number}".`);
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(given.argument(1));
    const said = await act(handle, Number(number), given, io);
    say(io, given.flag('json') ? toJson({ id: handle.id, command: Number(number), action: name }) : said);
  },
};
