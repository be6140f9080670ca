import type { TaskCall } from '@dfnsjs/actor-core';
import { TimeoutError } from '@dfnsjs/actor-core';
import type { Client, ExecutionChange, ExecutionEvent, Handle, Middleware } from '@dfnsjs/client';
import type { Report } from './protocol.ts';

/** Failed attempts whose commit is awaited: what is beyond has been told often enough. */
const PENDING = 1_000;
/** Lines in a second; what is more is counted. */
const BURST = 20;
const BURST_MS = 1_000;

type Failure = Omit<Extract<Report, { kind: 'attempt-failed' }>, 'kind' | 'retryInMs' | 'isLast'>;

/**
 * Tells who runs a dev server of attempts and executions that fail. Of the attempts of a task the first, second, fourth,
 * and so on: a task that cannot succeed does not fill the terminal.
 */
export class FailedWork {
  readonly #report: (report: Report) => void;
  readonly #pending = new Map<string, Failure[]>();
  #pendingCount = 0;
  #told = 0;
  #untold = 0;

  constructor(report: (report: Report) => void) {
    this.#report = report;
  }

  /** Goes around all others, so that it sees what the node sees. */
  readonly middleware: Middleware = {
    task: async (call: TaskCall, next: () => Promise<unknown>) => {
      const { abortSignal } = call.t;
      // A body need not heed its abort; its time is over all the same.
      const expired = () => abortSignal.reason instanceof TimeoutError && this.#failed(call, abortSignal.reason);
      abortSignal.addEventListener('abort', expired, { once: true });
      try {
        return await next();
      } catch (error) {
        if (!abortSignal.aborted) this.#failed(call, error);
        throw error;
      } finally {
        abortSignal.removeEventListener('abort', expired);
      }
    },
  };

  /** Never resolves while the node lives: what it cannot hear, it does not tell. */
  async follow(client: Client): Promise<void> {
    for await (const change of client.events()) {
      if (change.type === 'reset') continue;
      const failures = this.#pending.get(change.id);
      const isFailed = change.type === 'closed' && (change.status === 'failed' || change.status === 'timed-out');
      if (failures || isFailed) await this.#look(client, change, failures ?? [], isFailed);
    }
  }

  #failed({ task, t: { executionId, attempt } }: TaskCall, error: unknown): void {
    const isTold = (attempt & (attempt - 1)) === 0;
    if (!isTold || this.#pendingCount >= PENDING) return;
    this.#pendingCount++;
    const failures = this.#pending.get(executionId) ?? [];
    failures.push({ id: executionId, task, attempt, error: firstLine(error) });
    this.#pending.set(executionId, failures);
  }

  /** After its commit: the history knows whether the task is tried again, whatever came of that by now. */
  async #look(client: Client, change: ExecutionChange, failures: Failure[], isFailed: boolean): Promise<void> {
    const { id, runId, workflow, status } = change;
    const execution = client.get(id);
    const known = failures.length > 0 ? await failedAttempts(execution, runId) : [];
    const left = failures.filter(failure => {
      const found = known.find(({ name, attempt }) => name === failure.task && attempt === failure.attempt);
      if (!found && change.type !== 'closed') return true;
      const retryInMs = found?.until && +found.until - +found.at;
      this.#say({ kind: 'attempt-failed', ...failure, retryInMs, isLast: found !== undefined && !found.until });
      return false;
    });
    this.#pendingCount -= failures.length - left.length;
    if (left.length > 0) this.#pending.set(id, left);
    else if (failures.length > 0) this.#pending.delete(id);
    if (!isFailed) return;
    const error = await execution.describe().then(
      description => (description.runId === runId ? description.error : undefined),
      () => undefined,
    );
    this.#say({ kind: 'execution-failed', id, workflow, status, error: firstLine(error ?? 'see dfns history') });
  }

  #say(report: Report): void {
    if (this.#told === 0) setTimeout(() => this.#endBurst(), BURST_MS).unref();
    if (this.#told++ < BURST) this.#report(report);
    else this.#untold++;
  }

  #endBurst(): void {
    if (this.#untold > 0) this.#report({ kind: 'more-failed', count: this.#untold });
    this.#told = 0;
    this.#untold = 0;
  }
}

/** Newest first; empty where it is gone. */
async function failedAttempts(execution: Handle, runId: string): Promise<ExecutionEvent[]> {
  const failed: ExecutionEvent[] = [];
  try {
    for await (const event of execution.history({ runId })) if (event.type === 'task-failed') failed.push(event);
  } catch {
    // What was read until then is told.
  }
  return failed.toReversed();
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.split('\n', 1)[0]!.slice(0, 500);
}
