import type { Payload } from '@dfnsjs/actor-core/values';
import { z } from 'zod';
import {
  listReply,
  resultReply,
  turnReply,
  type ListReply,
  type ResultReply,
  type TurnReply,
} from '../operations/executions.ts';
import { payload, recordedError } from '../operations/payload.ts';

/** How an answer shows the reply of an operation where that is not what the reply's schema says. */
export interface AnswerForm {
  /** Of the answer's JSON: what the reply is made of by `read`, and becomes by `write`. */
  readonly schema: z.ZodType;
  write(reply: never): unknown;
  read(answer: never): unknown;
}

export const asResult: AnswerForm = {
  schema: z.object({ result: payload }),
  write: (result: Payload) => ({ result }),
  read: (answer: { readonly result: Payload }) => answer.result,
};

export const pageOfExecutions: AnswerForm = {
  schema: listReply.extend({ hasMore: z.boolean() }),
  write: (reply: ListReply) => ({ ...reply, hasMore: reply.cursor !== undefined }),
  read: ({ items, cursor, partial }: ListReply) => ({ items, cursor, ...(partial ? { partial } : {}) }),
};

const outcomeAnswer = z.object({
  status: resultReply.shape.status,
  result: payload.optional(),
  error: recordedError.optional(),
});

/** A result is of those who completed, an error of the others. */
export const outcome: AnswerForm = {
  schema: outcomeAnswer,
  write: ({ status, output }: ResultReply) =>
    status === 'completed' ? { status, result: output } : { status, error: output },
  read: ({ status, result, error }: z.infer<typeof outcomeAnswer>) => ({ status, output: result ?? error }),
};

export const turnOrNull: AnswerForm = {
  schema: turnReply.nullable(),
  write: (turn: TurnReply | undefined) => turn ?? null,
  read: (turn: TurnReply | null) => turn ?? undefined,
};
