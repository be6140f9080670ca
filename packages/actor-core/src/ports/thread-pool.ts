import type { RunRow } from '../execution/execution.ts';
import type { RunId } from '../ids/ids.ts';
import type { Payload } from '../payload/payload.ts';
import type { LogLevel } from './telemetry/log.ts';

/** An attempt of a task as a thread gets it: what a structured clone carries. */
export interface ThreadCall {
  readonly task: string;
  readonly input: Payload | null;
  readonly command: number;
  /** The run that asked first: part of the idempotency key. */
  readonly asker: RunId;
  readonly attempt: number;
  /** Of the attempts before. */
  readonly progress: Payload | null;
  /** Names of errors that forbid another attempt. */
  readonly nonRetryable: ReadonlySet<string>;
  /** Without input, output and what it carries on. */
  readonly run: RunRow;
}

/** How the attempt ended in the thread, encoded there. */
export type ThreadOutcome =
  | { readonly kind: 'done'; readonly result: Payload }
  | {
      readonly kind: 'failed';
      /** A RecordedError. */
      readonly error: Payload;
      readonly final: boolean;
      readonly afterMs: number | null;
      readonly progress: Payload | null;
    };

/** What a thread tells of an attempt. */
export interface ThreadListener {
  /** A thread has it: its time counts from now. */
  began(): void;
  /** A heartbeat, with progress where the body gave some. */
  beat(progress: Payload | null): void;
  log(level: LogLevel, message: string, fields: Readonly<Record<string, unknown>> | undefined): void;
  /** Last, once; also where the thread ended without a word. */
  ended(outcome: ThreadOutcome): void;
}

/** Threads that run bodies which would hold up the event loop. */
export interface ThreadPool {
  /** `abort` tells the body, and ends its thread if it goes on. */
  run(call: ThreadCall, listener: ThreadListener): { abort(reason: Error): void };
}
