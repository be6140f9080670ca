import type { SentMessage } from '../../message/message.ts';
import { decodeError } from '../../payload/error-payload.ts';
import type { RunState } from '../state.ts';

export function receiveSent(state: RunState, message: SentMessage): void {
  const send = state.pending.get(message.command);
  if (send?.kind !== 'send') return;
  state.remove(send);
  if (message.error) send.settler.reject(decodeError(message.error));
  else {
    state.sends++;
    state.lastAccepted = Math.max(state.lastAccepted, message.accepted ?? 0);
    send.settler.resolve(undefined);
  }
}
