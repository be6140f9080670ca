import { lineOf } from '../actor/faults.ts';
import { describeCommand, type Command } from '../command/command.ts';
import { DfnsError } from '../errors/dfns-error.ts';

/** History and code differ: at which turn and command, what history has, what the code asked for, from which line. */
export function nonDeterminism(turn: number, command: number, has: Command | null, asked: Command | null): DfnsError {
  const expected = has ? describeCommand(has) : 'nothing';
  const got = asked ? describeCommand(asked) : 'nothing';
  const line = asked ? lineOf(new Error()) : undefined;
  return new DfnsError(
    'NON_DETERMINISM',
    `Turn ${turn}, command ${command}: the history has ${expected}, the code asked for ${got}` +
      `${line ? ` at ${line}` : ''}. Deploy code that asks for ${expected}, or a new version of the workflow.`,
    { details: { turn, command, expected, asked: got, ...(line ? { line } : {}) } },
  );
}
