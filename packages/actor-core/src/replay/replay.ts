import { apply } from '../actor/apply.ts';
import type { Coroutine } from '../actor/coroutine.ts';
import { setRunning } from '../actor/running.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import type { Turn } from '../journal/turn.ts';
import type { Clock } from '../ports/clock.ts';
import { History } from './match.ts';

/** Messages applied before other work gets its turn. */
const MESSAGES_A_ROUND = 512;

/**
 * Runs a history through today's code: the same messages, each drained by itself, with the recorded commands in place
 * of effects. Afterwards the coroutine stands where the history ends. Rejects with NON_DETERMINISM where they differ;
 * grouping into turns has no meaning of its own and decides nothing. `isPartial`: the last turn has not all of its
 * messages, so they need not lead to all of its commands.
 */
export async function replay(
  coroutine: Coroutine,
  turns: readonly Turn[],
  clock: Pick<Clock, 'hop'>,
  cleanupMs: number,
  isPartial = false,
): Promise<void> {
  const history = new History();
  const { state } = coroutine;
  coroutine.recorded = history;
  const effects = state.effects;
  state.effects = null;
  let next = 0;
  while (next < turns.length && !coroutine.fault) {
    await new Promise<void>(resolve => {
      let left = MESSAGES_A_ROUND;
      while (next < turns.length && left > 0) {
        const turn = turns[next++]!;
        left -= turn.messages.length;
        for (const [i, message] of turn.messages.entries()) {
          clock.hop(() => {
            coroutine.settleEnd();
            if (coroutine.fault) return;
            if (i === 0) enter(coroutine, history, turn);
            if (!coroutine.fault) apply(coroutine, message, cleanupMs);
          });
        }
      }
      clock.hop(() => {
        setRunning(null);
        coroutine.leaveStage();
        coroutine.settleEnd();
        if (!isPartial || next < turns.length) leave(coroutine, history);
        resolve();
      });
    });
  }
  if (coroutine.fault) throw coroutine.fault;
  coroutine.recorded = null;
  state.effects = effects;
  state.rowChanged = false;
}

function enter(coroutine: Coroutine, history: History, turn: Turn): void {
  leave(coroutine, history);
  history.enter(turn);
}

function leave(coroutine: Coroutine, history: History): void {
  if (coroutine.fault) return;
  try {
    history.leave(coroutine.state.issued, coroutine.thrown);
  } catch (error) {
    coroutine.fault = error as DfnsError;
  }
}
