import { z } from 'zod';
import { executionAddress } from './address.ts';

export const endRequest = executionAddress.extend({
  reason: z.string().optional(),
  messageId: z.string(),
});
/** Of cancel and terminate. */
export type EndRequest = z.infer<typeof endRequest>;

/** Attributes merged in; null removes one. */
export const setAttributesRequest = executionAddress.extend({
  /** Checked against what the workflow declares. */
  attributes: z.record(z.string(), z.unknown()),
  messageId: z.string(),
});
export type SetAttributesRequest = z.infer<typeof setAttributesRequest>;

export const retryRequest = executionAddress.extend({
  /** Of one that has ended: before the failure that ended it (default), or with its input. */
  from: z.enum(['failure', 'start']).optional(),
});
export type RetryRequest = z.infer<typeof retryRequest>;

/** The run that goes on: the held one, or another. */
export const retryReply = z.object({ id: z.string(), runId: z.string() });
export type RetryReply = z.infer<typeof retryReply>;
