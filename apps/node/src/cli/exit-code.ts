import { DfnsError, type ErrorCode } from '@dfnsjs/actor-core';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  /** The command did its work; the execution came to no good end. */
  executionFailed: 4,
  unreachable: 5,
  partly: 6,
  interrupted: 130,
} as const;

const OF_CODE: { readonly [Code in ErrorCode]?: number } = {
  VALIDATION: EXIT.usage,
  NOT_FOUND: EXIT.notFound,
  UNKNOWN_WORKFLOW: EXIT.notFound,
  UNKNOWN_TASK: EXIT.notFound,
  UNAVAILABLE: EXIT.unreachable,
};

/** The exit code of a command that ended with this error. */
export function exitCodeOf(error: unknown): number {
  return (error instanceof DfnsError ? OF_CODE[error.code] : undefined) ?? EXIT.failed;
}
