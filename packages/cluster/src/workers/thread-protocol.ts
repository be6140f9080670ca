import type { LogLevel, ThreadCall } from '@dfnsjs/actor-core/ports';
import type { Payload } from '@dfnsjs/actor-core/records';
import type { MessagePort } from 'node:worker_threads';

/** What a thread is given to do. */
export interface ThreadWork {
  readonly call: ThreadCall;
  /** URL of the module that exports the task. */
  readonly file: string;
  /** For all that is said meanwhile. */
  readonly port: MessagePort;
}

/** What a thread says while a body runs. */
export type FromThread =
  | { readonly kind: 'began' }
  | { readonly kind: 'beat'; readonly progress: Payload | null }
  | {
      readonly kind: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>> | undefined;
    };

/** The body is to end; `reason` is a RecordedError. */
export interface ToThread {
  readonly kind: 'abort';
  readonly reason: Payload;
}
