import type { TaskPending } from '../state/pending.ts';

/** Who looks on while an attempt runs: absent in a node that nobody measures or traces. */
export interface AttemptWatch {
  readonly task: string;
  /** Milliseconds from its start to its end; 0 before that. */
  readonly durationMs: number;
  /** Calls the body, with what must be in place while it runs. */
  run<T>(body: () => T): T;
  ended(how: 'done' | 'aborted' | { readonly error: unknown }): void;
}

/** Called when an attempt begins. */
export type WatchAttempt = (task: TaskPending) => AttemptWatch;
