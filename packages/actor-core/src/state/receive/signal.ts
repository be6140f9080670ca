import type { SignalMessage } from '../../message/message.ts';
import { decode } from '../../payload/decode.ts';
import type { WaitPending } from '../pending.ts';
import type { Program } from '../program.ts';
import type { BufferedSignal } from '../signal-buffer.ts';
import type { RunState } from '../state.ts';

export function receiveSignal(state: RunState, message: SignalMessage, program: Program): void {
  if (message.id) state.dedupe.add(message.id, message.at);
  if (program.handleSignal(message.name, message.payload)) return;
  const waiter = state.waiterFor(message.name);
  if (!waiter) {
    state.signals.put(message.name, message.payload);
    return;
  }
  state.remove(waiter);
  waiter.settler.resolve(signalValue(waiter, message));
}

/** What a wait gives: the payload, or which signal it was too where it waits for several. */
export function signalValue(wait: WaitPending, signal: Pick<BufferedSignal, 'name' | 'payload'>): unknown {
  const payload = decode(signal.payload);
  return !wait.several ? payload : { signal: signal.name, payload };
}
