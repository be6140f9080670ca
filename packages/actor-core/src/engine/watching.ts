import { errorName } from '../errors/error-name.ts';
import type { RunRow } from '../execution/execution.ts';
import type { Span } from '../ports/telemetry/spans.ts';
import type { AttemptWatch, WatchAttempt } from '../task/attempt-watch.ts';
import type { Metering } from './metering.ts';
import type { EngineParts } from './parts.ts';

/** Looks on at the attempts of a run, for metrics and spans; null where nobody wants either. */
export function watchOf({ metering, tracing }: EngineParts, run: RunRow): WatchAttempt | null {
  if (!metering && !tracing) return null;
  return task => {
    metering?.attemptBegan(run.namespace, task.name);
    return new Watch(task.name, metering, tracing ? tracing.attempt(run, task) : null);
  };
}

class Watch implements AttemptWatch {
  readonly task: string;
  durationMs = 0;
  readonly #metering: Metering | null;
  readonly #begun: number;
  readonly #span: Span | null;

  constructor(task: string, metering: Metering | null, span: Span | null) {
    this.task = task;
    this.#metering = metering;
    this.#begun = metering ? metering.elapsed() : 0;
    this.#span = span;
  }

  run<T>(body: () => T): T {
    return this.#span ? this.#span.within(body) : body();
  }

  ended(how: 'done' | 'aborted' | { readonly error: unknown }): void {
    if (this.#metering) this.durationMs = this.#metering.elapsed() - this.#begun;
    if (how === 'done') this.#span?.end();
    else this.#span?.end(how === 'aborted' ? how : errorName(how.error));
  }
}
