import type { TaskDoneMessage, TaskFailedMessage, TaskStartedMessage } from '../../message/message.ts';
import { TaskError } from '../../errors/task-error.ts';
import type { FailureRecord } from '../../errors/failure-record.ts';
import { DfnsError } from '../../errors/dfns-error.ts';
import { decode } from '../../payload/decode.ts';
import { decodeError } from '../../payload/error-payload.ts';
import { clearCrashes, type TaskPending } from '../pending.ts';
import type { RunState } from '../state.ts';

/** The open task that a completion is for; undefined where exactly that attempt is not pending. */
export function taskInHand(state: RunState, command: number, attempt: number): TaskPending | undefined {
  const pending = state.pending.get(command);
  return pending?.kind === 'task' && pending.attempt === attempt ? pending : undefined;
}

export function receiveTaskDone(state: RunState, message: TaskDoneMessage): void {
  const task = taskInHand(state, message.command, message.attempt);
  if (!task) return;
  state.remove(task);
  state.effects?.push({ kind: 'forget-body', command: task.n });
  task.settler.resolve(decode(message.result));
}

export function receiveTaskFailed(state: RunState, message: TaskFailedMessage): void {
  const task = taskInHand(state, message.command, message.attempt);
  if (!task) return;
  state.effects?.push({ kind: 'forget-body', command: task.n });
  const cause = decodeError(message.error);
  state.lastError = task.lastError = `${cause.name}: ${cause.message}`;
  if (message.progress) task.progress = message.progress;
  if (message.counts) task.counted++;
  clearCrashes(task);
  if (message.retryAt === null) {
    state.remove(task);
    task.settler.reject(taskError(task, cause));
    return;
  }
  task.attempt++;
  task.started = false;
  task.retryAt = message.retryAt;
  state.effects?.push({ kind: 'run-task', task });
}

export function receiveTaskStarted(state: RunState, message: TaskStartedMessage): void {
  const task = state.pending.get(message.command);
  if (task?.kind !== 'task') return;
  task.started = true;
  task.begunAt = message.at;
  state.effects?.push({ kind: 'run-task', task });
}

function isFailing(error: Error): error is Error & { readonly failure: FailureRecord } {
  return 'failure' in error && typeof error.failure === 'object' && error.failure !== null;
}

export function taskError(task: TaskPending, cause: Error): TaskError {
  return new TaskError(cause.message, {
    task: task.name,
    attempt: task.attempt,
    cause,
    ...(isFailing(cause) ? { failure: cause.failure } : {}),
    ...(cause instanceof DfnsError ? { code: cause.code, ...(cause.details ? { details: cause.details } : {}) } : {}),
  });
}
