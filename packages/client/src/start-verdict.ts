import { DfnsError, type ErrorCode } from '@dfnsjs/actor-core';
import type { StartVerdict } from './operations/batch.ts';
import type { StartReply } from './operations/executions.ts';

/** What became of one of many starts: its reply, or why it was refused. */
export function readVerdict(verdict: StartVerdict | undefined): StartReply | DfnsError {
  if (!verdict) return new DfnsError('INTERNAL', 'The answer to many starts has too few verdicts.');
  if (verdict.ok) return verdict.started;
  const { code, message, details } = verdict.error;
  return new DfnsError(code as ErrorCode, message, details ? { details } : {});
}
