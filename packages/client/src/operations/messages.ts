import { z } from 'zod';
import { definitionName, executionAddress, executionId } from './address.ts';
import { heldNotice } from './executions.ts';
import { payload } from './payload.ts';

const messageRequest = executionAddress.extend({
  name: definitionName,
  payload,
  /** Made where the call begins, and kept over its retries: a message is taken once. */
  messageId: z.string(),
});

export const signalRequest = messageRequest.extend({
  /** W3C trace context of whoever sends it. Default: that of the current span in this process, if there is one. */
  traceparent: z.string().optional(),
});
export type SignalRequest = z.infer<typeof signalRequest>;

export const updateRequest = messageRequest;
export type UpdateRequest = z.infer<typeof updateRequest>;

/** A message that is durable. */
export const takenReply = z.object({
  messageId: z.string(),
  /** Why the execution takes no turns now: it takes the message when it goes on. */
  held: heldNotice.optional(),
});
export type TakenReply = z.infer<typeof takenReply>;

/** An update that passed its validator and is durable. */
export const startUpdateReply = z.object({ updateId: z.string() });
export type StartUpdateReply = z.infer<typeof startUpdateReply>;

export const updateOutcomeRequest = executionAddress.extend({ updateId: executionId });
export type UpdateOutcomeRequest = z.infer<typeof updateOutcomeRequest>;

export const queryRequest = executionAddress.extend({
  name: definitionName,
  payload,
  /** As it was after this turn of the newest run. */
  atTurn: z.int().optional(),
});
export type QueryRequest = z.infer<typeof queryRequest>;
