import type { Actor, TurnInHand } from '../actor/actor.ts';
import type { RunRow } from '../execution/execution.ts';
import { changeOf, type Change, type Changes } from '../ports/changes.ts';

/** Tells of a turn that is durable. `isFirst`: of an execution that was started; `next`: the run that it continues as. */
export function tellTurn(
  changes: Changes,
  actor: Actor,
  turn: TurnInHand,
  isFirst: boolean,
  next: RunRow | null,
): void {
  const { run, ending, at, attributes } = actor.state;
  if (next) return changes.changed(changeOf(next, { kind: 'started', status: 'running', turn: 0, at }));
  const kind = ending ? 'closed' : isFirst ? 'started' : actor.unhold ? 'released' : ofItsOwn(turn);
  changes.changed(changeOf(run, { kind, status: ending?.status ?? 'running', turn: turn.seq, at, attributes }));
}

function ofItsOwn({ messages, commands }: TurnInHand): Change['kind'] {
  const setsAttributes =
    commands.some(({ kind }) => kind === 'attributes') || messages.some(({ kind }) => kind === 'amend');
  return setsAttributes ? 'attributes-set' : 'changed';
}
