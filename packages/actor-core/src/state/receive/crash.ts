import { DfnsError } from '../../errors/dfns-error.ts';
import type { CrashMessage, RetryMessage } from '../../message/message.ts';
import { clearCrashes } from '../pending.ts';
import type { RunState } from '../state.ts';
import { taskError } from './task-result.ts';

/** The node died with these in hand: each loses the attempt, and fails for good if it was its last. */
export function receiveCrash(state: RunState, message: CrashMessage): void {
  for (const n of message.commands) {
    const task = state.pending.get(n);
    if (task?.kind !== 'task') continue;
    if (!message.spared) {
      task.crashes++;
      if (message.of) (task.takenForDead ??= []).push(message.of);
    }
    task.counted++;
    state.lastError = task.lastError = 'The node died while the attempt ran.';
    if (task.counted >= task.policy.retry.maxAttempts) {
      state.remove(task);
      task.settler.reject(
        taskError(
          task,
          new DfnsError('UNAVAILABLE', `Attempt ${task.attempt} of "${task.name}" was lost: its node died.`),
        ),
      );
      continue;
    }
    task.attempt++;
    task.started = false;
    state.effects?.push({ kind: 'run-task', task });
  }
}

/** What its onError held for is not taken for an answer: the tasks that failed run again. No attempt before counts. */
export function receiveRetry(state: RunState, { again = [] }: RetryMessage): void {
  for (const task of state.pending.values()) {
    if (task.kind !== 'task') continue;
    clearCrashes(task);
    task.counted = 0;
  }
  for (const n of again) {
    const task = state.pending.get(n);
    if (task?.kind !== 'task') continue;
    // Another number, so that what is told late of the attempt that failed is not taken for this one's.
    task.attempt++;
    task.started = false;
    task.retryAt = null;
    state.effects?.push({ kind: 'run-task', task });
  }
}
