import type { Carried } from '../journal/carry.ts';
import type { RunState } from './state.ts';

/** What the next run of a chain gets; null where there is nothing to hand on. */
export function carryOn(state: RunState): Carried | null {
  const signals = state.unreadSignals === 0 ? [] : state.signals.rest().map(s => [s.name, s.payload] as const);
  const known = state
    .knownMessages()
    .map(({ id, at, outcome }) => [id, at, outcome?.ok ?? null, outcome?.payload ?? null] as const);
  if (signals.length === 0 && known.length === 0 && state.sends === 0) return null;
  return { sends: state.sends, lastAccepted: state.lastAccepted, signals, known };
}

export function takeOver(state: RunState, carried: Carried): void {
  state.sends = carried.sends;
  state.lastAccepted = carried.lastAccepted;
  for (const [name, payload] of carried.signals) state.signals.put(name, payload);
  for (const [id, at, ok, payload] of carried.known) {
    state.dedupe.add(id, at);
    if (ok !== null && payload) state.dedupe.answered(id, { ok, payload });
  }
}
