import type { Layer } from '@dfnsjs/actor-core';
import { readAttributeChanges, readFrom, readReason, readTaskFailure } from '../action-inputs.ts';

/** What middleware knows of an operation's request, beside its address. */
interface Shape {
  /** The field that is the call's input; absent: it has none. */
  readonly input?: 'input' | 'payload' | 'result' | 'reason' | 'from' | 'attributes' | 'error';
  /** Throws where middleware gives something else than the operation takes. Absent: it is any value, encoded. */
  readonly read?: (value: unknown) => unknown;
  /** It starts an execution: headers travel with it, and the reply says which it is. */
  readonly starts?: true;
  /** What a start brings along, and the field of its value. */
  readonly message?: { readonly field: 'signal' | 'update'; readonly value: 'payload' | 'input' };
  /** The reply is a value, or has one in this field. */
  readonly answer?: 'whole' | 'result';
}

/** What client middleware stands around: whatever changes something, and queries. */
export const SHAPES = {
  start: { input: 'input', starts: true },
  signalWithStart: { input: 'input', starts: true, message: { field: 'signal', value: 'payload' } },
  updateWithStart: { input: 'input', starts: true, message: { field: 'update', value: 'input' }, answer: 'result' },
  signal: { input: 'payload' },
  query: { input: 'payload', answer: 'whole' },
  update: { input: 'payload', answer: 'whole' },
  startUpdate: { input: 'payload' },
  cancel: { input: 'reason', read: value => readReason('cancel', value) },
  terminate: { input: 'reason', read: value => readReason('terminate', value) },
  retry: { input: 'from', read: readFrom },
  delete: {},
  setAttributes: { input: 'attributes', read: readAttributeChanges },
  retryTaskNow: {},
  completeTask: { input: 'result' },
  failTask: { input: 'error', read: readTaskFailure },
} as const satisfies Readonly<Record<string, Shape>>;

export const shapeOf = (operation: ClientCall['operation']): Shape => SHAPES[operation];

/**
 * A call of a client. What `next` is given may have another `input`, `message.input` or other `headers`; the rest stays
 * as it is.
 */
export interface ClientCall {
  /** Each start of `startMany` is a `start`; `execute` is a `start` too. */
  readonly operation: keyof typeof SHAPES;
  readonly namespace: string;
  /** Of the execution; undefined for a start that leaves it to dfns. */
  readonly id: string | undefined;
  /** Of the workflow that is started, else of the signal, query or update. */
  readonly name: string | undefined;
  /** Number of the task's command, of what is done to a pending task. */
  readonly command: number | undefined;
  /** Of cancel and terminate the reason, of retry `from`, of setAttributes the changes, of failTask the error. */
  readonly input: unknown;
  /** What signalWithStart and updateWithStart send; others have none. */
  readonly message: { readonly name: string; readonly input: unknown } | undefined;
  /** Of what starts an execution: they travel with it. Others have none. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Resolves to what the call is answered with: of what starts an execution `{ id, runId, existing, … }`, with `result` for
 * updateWithStart; of a query or update its value; else what `next` resolves to.
 */
export type ClientMiddleware = Layer<ClientCall>;
