import { lineOf } from '../actor/faults.ts';
import { describeCommand, type Command } from '../command/command.ts';
import type { Thrown } from '../context/issuer.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { recordError } from '../errors/recorded-error.ts';
import { decodeError } from '../payload/error-payload.ts';

/** Of an error's message, characters that are told: it stands in lists. */
const TOLD = 500;

/**
 * History and code differ: at which turn and command, what history has, what the code asked for, from which line. Where
 * the code threw, that is why, and is told.
 */
export function nonDeterminism(
  turn: number,
  command: number,
  has: Command | null,
  asked: Command | null,
  thrown: Thrown | null,
): DfnsError {
  const expected = has ? describeCommand(has) : 'nothing';
  const got = asked ? describeCommand(asked) : 'nothing';
  const differ = `Turn ${turn}, command ${command}: the history has ${expected}, the code asked for ${got}`;
  const why = thrown ?? thrownByHandler(asked);
  if (why) {
    const { name, message } = recordError(why.error);
    const line = lineOf(why.error);
    return new DfnsError(
      'NON_DETERMINISM',
      `${differ}, since it threw ${name}: ${message.slice(0, TOLD)}${line ? ` (${line})` : ''}. ` +
        `Deploy code that does not, and asks for ${expected}, or a new version of the workflow.`,
      {
        cause: why.error,
        details: { turn, command, expected, asked: got, threw: { name, message }, ...(line ? { line } : {}) },
      },
    );
  }
  const line = asked ? lineOf(new Error()) : undefined;
  return new DfnsError(
    'NON_DETERMINISM',
    `${differ}${line ? ` at ${line}` : ''}. Deploy code that asks for ${expected}, or a new version of the workflow.`,
    { details: { turn, command, expected, asked: got, ...(line ? { line } : {}) } },
  );
}

/** What an update's handler threw, where that is what its answer says. */
function thrownByHandler(asked: Command | null): Thrown | null {
  return asked?.kind === 'answer' && !asked.ok ? { error: decodeError(asked.payload) } : null;
}
