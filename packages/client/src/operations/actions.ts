import { z } from 'zod';
import { executionAddress } from './address.ts';

export const endRequest = executionAddress.extend({
  reason: z.string().optional(),
  messageId: z.string(),
});
/** Of cancel and terminate. */
export type EndRequest = z.infer<typeof endRequest>;

export const retryRequest = executionAddress;
export type RetryRequest = z.infer<typeof retryRequest>;
