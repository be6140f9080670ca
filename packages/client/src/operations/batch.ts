import { z } from 'zod';
import { startReply, startRequest } from './executions.ts';

/** At most this many starts in one request. */
export const BATCH_ITEMS = 1_000;

export const startBatchRequest = z.object({ items: z.array(startRequest).max(BATCH_ITEMS) });
export type StartBatchRequest = z.infer<typeof startBatchRequest>;

/** What became of one start: each stands or falls by itself. */
export const startVerdict = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), started: startReply }),
  z.object({
    ok: z.literal(false),
    error: z.object({ code: z.string(), message: z.string(), details: z.record(z.string(), z.unknown()).optional() }),
  }),
]);
export type StartVerdict = z.infer<typeof startVerdict>;

/** One verdict an item, in their order. */
export const startBatchReply = z.object({ verdicts: z.array(startVerdict) });
export type StartBatchReply = z.infer<typeof startBatchReply>;
