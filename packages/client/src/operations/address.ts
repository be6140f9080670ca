import { z } from 'zod';

/** Which execution an operation is about. */
export const executionAddress = z.object({
  namespace: z.string(),
  id: z.string(),
});
export type ExecutionAddress = z.infer<typeof executionAddress>;
