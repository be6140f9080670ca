import type { TaskBody, TaskPending, TaskPolicy } from '../state/pending.ts';
import type { Scope } from '../state/scope.ts';
import { cancelPending } from '../state/cancel.ts';
import type { Payload } from '../payload/payload.ts';
import { encode } from '../payload/encode.ts';
import type { DurablePromise } from './durable-promise.ts';
import type { Issuer } from './issuer.ts';

/** A task's definition or a step's options, parsed. */
export interface TaskPlan extends TaskPolicy {
  readonly name: string;
  readonly totalTimeoutMs: number | undefined;
  readonly body: TaskBody;
}

/** Issues a task or step; the promise settles with its result, or TaskError once it failed for good. */
export function runTask(issuer: Issuer, scope: Scope, plan: TaskPlan, input: unknown): DurablePromise<unknown> {
  issuer.assertRunning();
  let payload: Payload | null = null;
  if (!plan.body.step) {
    // What breaks the schema or cannot be encoded fails the task at once; it is not retried.
    try {
      payload = encode(plan.body.parseInput ? plan.body.parseInput(input) : input, `the input of task "${plan.name}"`);
    } catch (error) {
      const failed = issuer.promise<unknown>();
      failed.reject(error);
      return failed;
    }
  }
  const total = plan.totalTimeoutMs;
  const command = issuer.issue(
    {
      kind: 'task',
      name: plan.name,
      step: plan.body.step,
      input: payload,
      deadline: total === undefined ? null : issuer.clockNow() + total,
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
    name: plan.name,
    step: command.step,
    input: command.input,
    deadline: command.deadline,
    body: plan.body,
    retry: plan.retry,
    timeoutMs: plan.timeoutMs,
    heartbeatTimeoutMs: plan.heartbeatTimeoutMs,
    attempt: 1,
    counted: 0,
    retryAt: null,
    crashes: 0,
    started: false,
    progress: null,
    lastError: null,
  };
  promise.command = task.n;
  state.add(task);
  state.effects?.push({ kind: 'run-task', task });
  return promise.onCancel(reason => {
    issuer.assertRunning();
    cancelPending(state, task, { kind: 'cancel', reason: reason ?? null });
  });
}
