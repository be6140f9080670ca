import { signalValue } from '../state/receive/signal.ts';
import type { RunState } from '../state/state.ts';

/** Settles the first wait, in order of registration, that can be: a condition that holds, a signal that is there. */
export function settleOneWait(state: RunState): boolean {
  for (const pending of state.openWaits()) {
    if (pending.kind === 'wait') {
      const signal = state.unreadSignals > 0 ? state.signals.take(pending.names) : undefined;
      if (!signal) continue;
      state.remove(pending);
      pending.settler.resolve(signalValue(pending, signal));
      return true;
    }
    let holds: boolean;
    try {
      holds = pending.predicate();
    } catch (error) {
      state.remove(pending);
      pending.settler.reject(error);
      return true;
    }
    if (!holds) continue;
    state.remove(pending);
    pending.settler.resolve(true);
    return true;
  }
  return false;
}
