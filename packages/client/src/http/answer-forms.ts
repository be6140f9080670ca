import type { Payload } from '@dfnsjs/actor-core/values';
import type { ListReply, ResultReply, TurnReply } from '../operations/executions.ts';

/** How an answer shows the reply of an operation where that is not what the reply's schema says. */
export interface AnswerForm {
  /** Reply → what the answer shows. */
  write(reply: never): unknown;
  /** The reverse. */
  read(answer: never): unknown;
}

export const asResult: AnswerForm = {
  write: (result: Payload) => ({ result }),
  read: (answer: { readonly result: Payload }) => answer.result,
};

export const pageOfExecutions: AnswerForm = {
  write: (reply: ListReply) => ({ ...reply, hasMore: reply.cursor !== undefined }),
  read: ({ items, cursor, partial }: ListReply) => ({ items, cursor, ...(partial ? { partial } : {}) }),
};

/** What `GET …/result` shows. */
export interface ShownOutcome {
  readonly status: ResultReply['status'];
  readonly result?: Payload | undefined;
  readonly error?: Payload | undefined;
}

/** A result is of those who completed, an error of the others. */
export const outcome: AnswerForm = {
  write: ({ status, output }: ResultReply): ShownOutcome =>
    status === 'completed' ? { status, result: output } : { status, error: output },
  read: ({ status, result, error }: ShownOutcome) => ({ status, output: result ?? error }),
};

export const turnOrNull: AnswerForm = {
  write: (turn: TurnReply | undefined) => turn ?? null,
  read: (turn: TurnReply | null) => turn ?? undefined,
};
