import type { TaskPolicy } from '../options/task-policy.ts';
import type { AnyTask } from '../definition/task.ts';
import type { StepFunction, TaskPending } from '../state/pending.ts';
import type { Scope } from '../state/scope.ts';
import { encode } from '../payload/encode.ts';
import type { CommandPromise } from './command-promise.ts';
import type { Issuer } from './issuer.ts';

/** Issues a task or step; the promise settles with its result, or TaskError once it failed for good. */
export function runTask(
  issuer: Issuer,
  scope: Scope,
  name: string,
  body: AnyTask | StepFunction,
  policy: TaskPolicy,
  input: unknown,
  label: string | null,
): CommandPromise<unknown> {
  issuer.assertRunning();
  const isStep = typeof body === 'function';
  const payload = !isStep ? encode(input, `the input of task "${name}"`) : null;
  const total = policy.totalTimeoutMs;
  const command = issuer.issue(
    {
      kind: 'task',
      name,
      step: isStep,
      input: payload,
      deadline: total === undefined ? null : issuer.clockNow() + total,
      label,
    },
    scope,
  );
  const promise = issuer.promise<unknown>();
  const state = issuer.state;
  const task: TaskPending = {
    kind: 'task',
    n: state.issued,
    scope,
    settler: promise,
    alarm: null,
    name,
    input: command.input,
    deadline: command.deadline,
    asker: state.runId,
    body,
    policy,
    attempt: 1,
    counted: 0,
    retryAt: null,
    crashes: 0,
    takenForDead: null,
    started: false,
    begunAt: null,
    progress: null,
    lastError: null,
  };
  promise.command = task.n;
  state.add(task);
  state.effects?.push({ kind: 'run-task', task });
  return promise;
}
