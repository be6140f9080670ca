import { TerminatedError } from '../../errors/terminated-error.ts';
import { TimeoutError } from '../../errors/timeout-error.ts';
import type { CancelMessage, TerminateMessage, TimeoutMessage } from '../../message/message.ts';
import { cancelScope } from '../cancel.ts';
import type { Program } from '../program.ts';
import type { RunState } from '../state.ts';

export function receiveCancel(state: RunState, message: CancelMessage): void {
  state.dedupe.add(message.id, message.at);
  if (state.cancelReason || state.timedOut) return;
  state.cancelReason = { reason: message.reason };
  cancelScope(state, state.root, { kind: 'cancel', reason: message.reason });
}

export function receiveTerminate(state: RunState, message: TerminateMessage, program: Program): void {
  state.dedupe.add(message.id, message.at);
  const reason = message.reason;
  program.end(
    'terminated',
    new TerminatedError(reason ? `Terminated: ${reason}` : 'Terminated.', { details: { reason } }),
  );
}

/** The first timeout cancels, so that `finally` and clean-up run; the second, after `cleanupTimeout`, ends the run. */
export function receiveTimeout(state: RunState, message: TimeoutMessage, program: Program, cleanupMs: number): void {
  if (message.of === 'cleanup') {
    program.end('timed-out', timeoutOf(state));
    return;
  }
  if (state.timedOut) return;
  state.timedOut = message.of;
  state.cleanupDeadline = message.at + cleanupMs;
  cancelScope(state, state.root, { kind: 'timeout', reason: 'TIMEOUT' });
}

export function timeoutOf(state: RunState): TimeoutError {
  return new TimeoutError(state.timedOut === 'run' ? 'The run timed out.' : 'The execution timed out.');
}
