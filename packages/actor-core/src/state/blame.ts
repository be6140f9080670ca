import { BOUNDS } from '../bounds.ts';
import type { Turn } from '../journal/turn.ts';
import type { Millis } from '../time/duration.ts';

/** What a run's code is named for: deaths that its journal does not have yet, and all that count against it. */
export interface Blame {
  readonly news: readonly Millis[];
  readonly count: number;
}

const NONE: Blame = { news: [], count: 0 };

/**
 * Deaths of nodes that a run's code is named for, by its journal and by what is known beside it. Those of the last
 * 24 h count, and since the last retry. Pure; it needs no replay, which may be what takes nodes down.
 */
export function blameOf(turns: readonly Turn[], known: readonly Millis[], now: Millis): Blame {
  if (known.length === 0) return NONE;
  const journaled = new Set<Millis>();
  let counted: Millis[] = [];
  for (const { messages } of turns) {
    for (const message of messages) {
      if (message.kind === 'retry') counted = [];
      if (message.kind !== 'crash') continue;
      for (const death of message.named ?? []) journaled.add(death);
      counted.push(...(message.named ?? []));
    }
  }
  const news = known.filter(death => !journaled.has(death));
  const since = now - BOUNDS.crashWindowMs;
  return { news, count: [...counted, ...news].filter(death => death >= since).length };
}
