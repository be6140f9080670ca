import { z } from 'zod';
import { definitionName } from './address.ts';
import { startReply, startRequest } from './executions.ts';
import { payload } from './payload.ts';

/**
 * Starts the execution, or finds the one that is there, and gives it the signal: a new one takes both in one turn. With
 * an `idempotencyKey` the same call again reaches the same execution, which takes the signal once.
 */
export const signalWithStartRequest = startRequest.extend({
  signal: z.object({ name: definitionName, payload }),
  /** Made where the call begins, and kept over its retries. */
  messageId: z.string(),
});
export type SignalWithStartRequest = z.infer<typeof signalWithStartRequest>;

/** As signal-with-start, with an update. */
export const updateWithStartRequest = startRequest.extend({
  update: z.object({ name: definitionName, input: payload }),
  messageId: z.string(),
  /** Whether the reply waits for what the handler returns. */
  wait: z.enum(['accepted', 'answered']),
});
export type UpdateWithStartRequest = z.infer<typeof updateWithStartRequest>;

export const updateWithStartReply = startReply.extend({
  updateId: z.string(),
  /** What the handler returned, where it was waited for. */
  result: payload.optional(),
});
export type UpdateWithStartReply = z.infer<typeof updateWithStartReply>;
