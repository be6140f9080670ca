import { DfnsError } from '@dfnsjs/actor-core';
import { parseId, parseName } from '@dfnsjs/actor-core/values';
import { z } from 'zod';

/** 1 to 512 bytes of UTF-8 without control characters: of executions and namespaces. */
export const executionId = text(value => parseId(value, 'It'));
/** 1 to 128 bytes of UTF-8 without control characters: of workflows, signals, queries and updates. */
export const definitionName = text(value => parseName(value, 'It'));

/** Which execution an operation is about. */
export const executionAddress = z.object({
  namespace: executionId,
  id: executionId,
});
export type ExecutionAddress = z.infer<typeof executionAddress>;

/** A string that `parse` takes; what it says of others is the issue. */
function text(parse: (value: string) => unknown) {
  return z.string().superRefine((value, context) => {
    try {
      parse(value);
    } catch (error) {
      if (!(error instanceof DfnsError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });
}
