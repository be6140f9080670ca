import type { Turn } from '../journal/turn.ts';
import type { Message } from '../message/message.ts';
import type { Cut } from './failure-cut.ts';

/** The turns before the cut. Of the turn that it goes through: its messages before it, and all its commands. */
export function turnsBefore(
  turns: readonly Turn[],
  cut: Cut,
): { readonly turns: readonly Turn[]; readonly isPartial: boolean } {
  const whole = turns.slice(0, cut.turn);
  const through = turns[cut.turn];
  if (!through || cut.message === 0) return { turns: whole, isPartial: false };
  return { turns: [...whole, { ...through, messages: through.messages.slice(0, cut.message) }], isPartial: true };
}

/** As `turnsBefore`, once it is known how many commands the messages before the cut led to. */
export function keptTurns(turns: readonly Turn[], cut: Cut, issued: number): readonly Turn[] {
  const kept = turnsBefore(turns, cut);
  if (!kept.isPartial) return kept.turns;
  const last = kept.turns.at(-1)!;
  const before = kept.turns.slice(0, -1).reduce((sum, turn) => sum + turn.commands.length, 0);
  return [...kept.turns.slice(0, -1), { ...last, commands: last.commands.slice(0, issued - before) }];
}

export interface Requeueing {
  /** Commands before the cut. */
  readonly issued: number;
  /** Commands pending at the cut keep what came of them: it is the same work. */
  readonly keepsResults: boolean;
  /** The attempt in hand at the cut of a pending task; undefined where the command is no pending task. */
  attemptOf(command: number): number | undefined;
}

/**
 * What the run after the cut is given again, in order: what others sent, and what came of commands that were asked for
 * before it. Timers ring by themselves; ends, cancellations and retries are of the run that is left.
 */
export function messagesAgain(turns: readonly Turn[], cut: Cut, requeueing: Requeueing): Message[] {
  const again: Message[] = [];
  for (const [i, turn] of turns.entries()) {
    if (i < cut.turn) continue;
    for (const message of i === cut.turn ? turn.messages.slice(cut.message) : turn.messages) {
      const kept = messageAgain(message, requeueing);
      if (kept) again.push(kept);
    }
  }
  return again;
}

function messageAgain(message: Message, { issued, keepsResults, attemptOf }: Requeueing): Message | null {
  switch (message.kind) {
    case 'signal':
    case 'update':
    case 'amend':
      return { ...message };
    case 'task-done': {
      const attempt = keepsResults ? attemptOf(message.command) : undefined;
      return attempt === undefined ? null : { ...message, attempt };
    }
    case 'task-override':
      return keepsResults && message.action === 'complete' && attemptOf(message.command) !== undefined
        ? { ...message }
        : null;
    case 'sent':
      return message.error === null && message.command <= issued ? { ...message } : null;
    case 'start':
    case 'task-failed':
    case 'task-started':
    case 'timer':
    case 'cancel':
    case 'terminate':
    case 'timeout':
    case 'crash':
    case 'retry':
    case 'reset':
      return null;
  }
}
