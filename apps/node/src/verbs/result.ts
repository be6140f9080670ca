import { readTarget } from '../cli/connection.ts';
import { EXIT } from '../cli/exit-code.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import type { Verb } from '../cli/verb.ts';
import { heldText } from './held.ts';
import { showOutcome, waitForEnd } from './outcome.ts';

export const verb: Verb = {
  summary: 'Show what an execution came to.',
  details: 'Exits 0 with its result, 4 where it failed or was ended, 6 where it still runs (without --wait).',
  arguments: [['<id>', 'id of the execution']],
  options: [
    { flags: '--wait', help: 'wait until it has ended' },
    { flags: '--json', help: 'the answer as JSON' },
  ],
  connects: true,
  examples: ['result order-17', 'result order-17 --wait --json'],
  async run(given, io) {
    const id = given.argument(0);
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(id);
    const description = given.flag('wait')
      ? await waitForEnd(client, handle, io)
      : await handle.describe({ abortSignal: io.interrupted });
    if (description.status === 'running') {
      const { status, held } = description;
      if (given.flag('json')) say(io, toJson({ status, held }));
      else if (held) io.stderr.write(heldText(description));
      else
        io.stderr.write(`${id} still runs: --wait waits for it, \`dfns show ${id}\` says on what it waits.
`);
      return EXIT.partly;
    }
    return showOutcome(description, given.flag('json'), io);
  },
};
