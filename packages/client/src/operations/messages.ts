import { z } from 'zod';
import { definitionName, executionAddress } from './address.ts';
import { payload } from './payload.ts';

export const signalRequest = executionAddress.extend({
  name: definitionName,
  payload,
  /** Made where the call begins, and kept over its retries: a message is taken once. */
  messageId: z.string(),
});
export type SignalRequest = z.infer<typeof signalRequest>;

export const updateRequest = signalRequest;
export type UpdateRequest = z.infer<typeof updateRequest>;

export const queryRequest = executionAddress.extend({
  name: definitionName,
  payload,
  /** As it was after this turn of the newest run. */
  atTurn: z.int().optional(),
});
export type QueryRequest = z.infer<typeof queryRequest>;
