import type { AnyTask } from '../definition/task.ts';
import type { Deps, TaskContext } from '../definition/task-context.ts';
import { validation } from '../errors/dfns-error.ts';
import { DEFAULT_TASK_POLICY } from '../options/task-policy.ts';
import { encodeError } from '../payload/error-payload.ts';
import type { ThreadCall, ThreadListener, ThreadOutcome } from '../ports/thread-pool.ts';
import type { TaskPending } from '../state/pending.ts';
import { openScope } from '../state/scope.ts';
import { Attempt, type AttemptOutcome } from './attempt.ts';

/** A body in this thread. */
export interface ThreadBody {
  /** Resolves when the attempt has its outcome and the body has ended, also after an abort. */
  readonly ended: Promise<ThreadOutcome>;
  abort(reason: Error): void;
}

/**
 * Runs an attempt in the thread that it was given to: the very Attempt that bodies of the node have, without their time
 * limits, which the node keeps itself.
 */
export function runInThread(
  call: ThreadCall,
  task: AnyTask,
  listener: Pick<ThreadListener, 'beat' | 'log'>,
): ThreadBody {
  const outcome = Promise.withResolvers<ThreadOutcome>();
  let body: Promise<unknown> = Promise.resolve();
  const followed: AnyTask = {
    ...task,
    thread: false,
    run(input: unknown, t: TaskContext) {
      const running = task.run(input, t);
      body = Promise.resolve(running).catch(() => undefined);
      return running;
    },
  };
  const attempt = new Attempt(
    pendingOf(call, followed),
    {
      run: call.run,
      get deps(): Deps {
        throw validation(`Task "${call.task}" runs in a thread: it has no t.deps. Make there what it needs.`);
      },
      log: { write: (level, message, fields) => listener.log(level, message, fields) },
      around: null,
      threads: null,
      // The node watches it.
      watch: null,
      standIn: undefined,
      // Only time limits ask for it, and those are kept by the node.
      now: () => 0,
      timer: () => ({ cancel: () => undefined }),
    },
    {
      settled: ({ outcome: settled }) => outcome.resolve(encoded(settled!)),
      beat: progress => listener.beat(progress),
    },
  );
  attempt.start();
  return {
    ended: outcome.promise.then(async ended => {
      await body;
      return ended;
    }),
    abort(reason) {
      attempt.abort(reason);
      outcome.resolve({ kind: 'failed', error: encodeError(reason), final: true, afterMs: null, progress: null });
    },
  };
}

function pendingOf(call: ThreadCall, body: AnyTask): TaskPending {
  const retry = { ...DEFAULT_TASK_POLICY.retry, nonRetryable: call.nonRetryable };
  return {
    kind: 'task',
    n: call.command,
    scope: openScope(null),
    settler: { resolve: () => undefined, reject: () => undefined },
    alarm: null,
    name: call.task,
    input: call.input,
    deadline: null,
    policy: { ...DEFAULT_TASK_POLICY, retry },
    body,
    asker: call.asker,
    attempt: call.attempt,
    counted: 0,
    retryAt: null,
    crashes: 0,
    takenForDead: null,
    started: true,
    begunAt: null,
    progress: call.progress,
    lastError: null,
  };
}

function encoded(outcome: AttemptOutcome): ThreadOutcome {
  if (outcome.kind === 'task-done') return { kind: 'done', result: outcome.result };
  const { final, afterMs, progress } = outcome;
  return { kind: 'failed', error: encodeError(outcome.error), final, afterMs, progress };
}
