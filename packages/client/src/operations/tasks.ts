import { z } from 'zod';
import { executionAddress } from './address.ts';
import { payload } from './payload.ts';

/** A task that is pending: its command's number stands in the history. */
export const pendingTaskRequest = executionAddress.extend({
  command: z.int().min(1),
  /** Made where the call begins, and kept over its retries. */
  messageId: z.string(),
});
/** To skip the backoff of a task. */
export type RetryTaskRequest = z.infer<typeof pendingTaskRequest>;

export const completeTaskRequest = pendingTaskRequest.extend({ result: payload });
export type CompleteTaskRequest = z.infer<typeof completeTaskRequest>;

export const failTaskRequest = pendingTaskRequest.extend({
  error: z.object({
    message: z.string(),
    /** Default 'Error'. */
    name: z.string().optional(),
    details: z.unknown().optional(),
  }),
});
export type FailTaskRequest = z.infer<typeof failTaskRequest>;
