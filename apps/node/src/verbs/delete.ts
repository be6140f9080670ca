import type { DfnsError } from '@dfnsjs/actor-core';
import { readTarget } from '../cli/connection.ts';
import { EXIT, exitCodeOf } from '../cli/exit-code.ts';
import { describeFailure } from '../cli/failure.ts';
import { toJson } from '../cli/json.ts';
import { paintFor, say } from '../cli/terminal.ts';
import { usage, type Verb } from '../cli/verb.ts';
import type { Io } from '../cli/io.ts';

interface Deletion {
  readonly id: string;
  /** Absent: it is deleted. */
  readonly error?: unknown;
}

export const verb: Verb = {
  summary: 'Delete executions that have ended, with all their runs and histories.',
  details:
    'There is no way back. Of several ids it asks first, unless --yes is given. One that runs is refused: terminate it ' +
    'first. It says which could not be deleted, and exits 6 where others were; where none was 3 if none is there, else 1.',
  arguments: [['<id...>', 'ids of executions']],
  options: [
    { flags: '--yes', help: 'do not ask' },
    { flags: '--json', help: 'what became of each as JSON' },
  ],
  connects: true,
  examples: ['delete order-17', 'delete order-17 order-18 --yes'],
  async run(given, io) {
    const ids = [...new Set(given.rest(0))];
    if (ids.length > 1 && !given.flag('yes')) await confirm(ids.length, io);
    const client = await io.connect(await readTarget(given, io));
    const deletions: Deletion[] = [];
    for (const id of ids) {
      try {
        await client.get(id).delete({ abortSignal: io.interrupted });
        deletions.push({ id });
      } catch (error) {
        if (io.interrupted.aborted || ids.length === 1) throw error;
        deletions.push({ id, error });
      }
    }
    const failed = deletions.filter(({ error }) => error !== undefined);
    if (given.flag('json')) {
      const told = deletions.map(({ id, error }) =>
        error === undefined ? { id } : { id, code: (error as DfnsError).code, message: (error as Error).message },
      );
      say(io, toJson(told));
    } else {
      say(io, `deleted: ${deletions.length - failed.length} of ${deletions.length}`);
      for (const { error } of failed) {
        io.stderr.write(`${describeFailure(error, false, paintFor(io.stderr, io.env), io.env)}\n`);
      }
    }
    if (failed.length === 0) return EXIT.done;
    if (failed.length < deletions.length) return EXIT.partly;
    // What all have in common, whatever came first.
    const codes = new Set(failed.map(({ error }) => exitCodeOf(error)));
    return codes.size === 1 ? [...codes][0] : EXIT.failed;
  },
};

async function confirm(count: number, io: Io): Promise<void> {
  if (!io.ask) throw usage(`Nobody can be asked here whether to delete ${count} executions: say --yes.`);
  const answer = await io.ask(`Delete ${count} executions with their histories? [y/N] `, io.interrupted);
  if (!/^y(es)?$/i.test(answer.trim())) throw usage('Nothing was deleted.');
}
