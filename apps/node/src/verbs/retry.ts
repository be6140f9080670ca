import { readTarget } from '../cli/connection.ts';
import { toJson } from '../cli/json.ts';
import { say } from '../cli/terminal.ts';
import { usage, type Verb } from '../cli/verb.ts';

export const verb: Verb = {
  summary: 'Let an execution go on from where it stopped.',
  details:
    'A held one goes on in the same run. One that failed, timed out or was terminated gets another run: what it did ' +
    'before the failure stands, the rest is done again.',
  arguments: [['<id>', 'id of the execution']],
  options: [
    { flags: '--from <what>', help: '"start" does everything again (default: from the failure)' },
    { flags: '--json', help: 'the answer as JSON' },
  ],
  connects: true,
  examples: ['retry order-17', 'retry order-17 --from start'],
  async run(given, io) {
    const from = given.text('from');
    if (from !== undefined && from !== 'start') throw usage(`--from must be start, got "${from}".`);
    const client = await io.connect(await readTarget(given, io));
    const handle = client.get(given.argument(0));
    const { runId } = await handle.retry({ abortSignal: io.interrupted, ...(from ? { from } : {}) });
    say(io, given.flag('json') ? toJson({ id: handle.id, runId }) : `goes on, in run ${runId}`);
  },
};
