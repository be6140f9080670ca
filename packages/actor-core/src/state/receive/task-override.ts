import type { TaskOverrideMessage } from '../../message/message.ts';
import { decode } from '../../payload/decode.ts';
import { decodeError } from '../../payload/error-payload.ts';
import { drop } from '../cancel.ts';
import type { RunState } from '../state.ts';
import { taskError } from './task-result.ts';

/** What an operator says stands: a body that still runs is aborted, and what it comes to is nobody's. */
export function receiveTaskOverride(state: RunState, message: TaskOverrideMessage): void {
  state.dedupe.add(message.id, message.at);
  const task = state.pending.get(message.command);
  if (task?.kind !== 'task') return;
  if (message.action === 'retry-now') {
    task.retryAt = null;
    task.alarm?.cancel();
    task.alarm = null;
    state.effects?.push({ kind: 'run-task', task });
    return;
  }
  drop(state, task, { kind: 'cancel', reason: `An operator gave its outcome (${message.action}).` });
  if (message.action === 'complete') {
    task.settler.resolve(message.payload === null ? undefined : decode(message.payload));
    return;
  }
  const cause = message.payload === null ? new Error('An operator failed it.') : decodeError(message.payload);
  state.lastError = `${cause.name}: ${cause.message}`;
  task.settler.reject(taskError(task, cause));
}
