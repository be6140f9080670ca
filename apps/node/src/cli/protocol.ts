import type { LoggedFailure } from './log-line.ts';
import type { NodeRequest } from './node-request.ts';

/** What the parent asks of a node's process. */
export type Order =
  | { readonly kind: 'warm' }
  | {
      readonly kind: 'load';
      readonly request: NodeRequest;
      readonly dev: boolean;
      /** Where Node keeps the compiled code of what is loaded from now on. */
      readonly codeCache?: string | undefined;
    }
  | { readonly kind: 'serve'; readonly lookAtOpenOnes: boolean; readonly port?: number | undefined }
  | { readonly kind: 'drain' }
  | { readonly kind: 'start-again'; readonly id: string }
  /** What it counts, for another that shares its port. */
  | { readonly kind: 'metrics'; readonly question: number }
  /** The answer to 'ask-others'. */
  | { readonly kind: 'others'; readonly question: number; readonly pages: readonly string[] };

/** What a node's process tells its parent. */
export type Report =
  | Booted
  | Loaded
  | Ready
  | Failed
  | Held
  | { readonly kind: 'metrics'; readonly question: number; readonly page: string }
  /** What those count that share its port. */
  | { readonly kind: 'ask-others'; readonly question: number }
  | { readonly kind: 'fits'; readonly id: string; readonly goesOn: boolean }
  | AttemptFailed
  | ExecutionFailed
  | { readonly kind: 'more-failed'; readonly count: number }
  | { readonly kind: 'started-again'; readonly id: string; readonly problem?: string | undefined };

/** It runs, and has dfns in memory. */
export interface Booted {
  readonly kind: 'booted';
}

/** The user's code is in memory; nothing of it runs. */
export interface Loaded {
  readonly kind: 'loaded';
  /** Every file of the user's that was read, absolute: what a change of makes another build. */
  readonly sources: readonly string[];
  readonly workflows: readonly string[];
  readonly tasks: readonly string[];
}

/** It serves. */
export interface Ready {
  readonly kind: 'ready';
  readonly store: string;
  readonly url: string | undefined;
}

/** It could not load or serve, and ends. */
export interface Failed {
  readonly kind: 'failed';
  readonly message: string;
  /** The same for a log. */
  readonly logged: LoggedFailure;
  readonly exitCode: number;
  readonly sources: readonly string[];
  /** It ended without a word; said by its parent. */
  readonly isDeath?: boolean;
}

/** An execution that the code no longer fits; `fits` where it does again, or is gone. */
export interface Held {
  readonly kind: 'held';
  readonly id: string;
  readonly workflow: string;
  readonly message: string;
}

/** An attempt of a task failed, durably. */
export interface AttemptFailed {
  readonly kind: 'attempt-failed';
  readonly id: string;
  readonly task: string;
  readonly attempt: number;
  /** Its first line. */
  readonly error: string;
  /** After this time it is tried again; absent: it is not, or nobody knows. */
  readonly retryInMs?: number | undefined;
  /** No other attempt comes. */
  readonly isLast: boolean;
}

/** An execution came to no good end. */
export interface ExecutionFailed {
  readonly kind: 'execution-failed';
  readonly id: string;
  readonly workflow: string;
  readonly status: string;
  readonly error: string;
}
