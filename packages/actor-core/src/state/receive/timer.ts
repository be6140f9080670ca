import { TimeoutError } from '../../errors/timeout-error.ts';
import type { TimerMessage } from '../../message/message.ts';
import type { RunState } from '../state.ts';

export function receiveTimer(state: RunState, message: TimerMessage): void {
  const pending = state.pending.get(message.command);
  if (!pending || pending.kind === 'task' || pending.kind === 'send') return;
  state.remove(pending);
  if (pending.kind === 'timer') pending.settler.resolve(undefined);
  else if (pending.otherwise) pending.settler.resolve(pending.otherwise.value);
  else {
    const what = pending.kind === 'wait' ? `signal ${pending.names.map(n => `"${n}"`).join(' or ')}` : 'the condition';
    pending.settler.reject(new TimeoutError(`Waiting for ${what} timed out.`));
  }
}
