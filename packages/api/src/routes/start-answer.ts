import { decode } from '@dfnsjs/actor-core/values';
import type { SignalWithStartRequest, StartReply, StartRequest, UpdateWithStartRequest } from '@dfnsjs/client';
import { BINDINGS, MAX_WAIT_MS, writeAnswer, type OperationRequest } from '@dfnsjs/client/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { orAborted, parseWait, WAITED } from '../waits.ts';
import { queryOf, sendDocument, typesOf, type RouteContext } from './context.ts';
import { outcomeOf } from './outcome-answer.ts';

/** 201 for one that was started, 200 for one that was there; with `?wait=` also what it came to, if it did by then. */
export async function sendStarted(
  context: RouteContext,
  operation: OperationRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const start = operation as unknown as StartRequest;
  const waitMs = parseWait(queryOf(request)['wait']) ?? 0;
  const document = await startedNow(context, start);
  // The same start again, by its key, is answered as the first was.
  const status = document.existing && start.onConflict === 'use-existing' ? 200 : 201;
  if (waitMs === 0 || document['status'] !== 'running') return sendDocument(reply, status, document, typesOf(request));
  const address = { namespace: start.namespace, id: document.id };
  const wait = context.waits.begin(waitMs, reply.raw);
  try {
    const { abortSignal } = wait;
    const result = await orAborted(context.operations.result(address, { abortSignal }), abortSignal);
    const outcome = writeAnswer(BINDINGS.result, result) as object;
    return sendDocument(reply, status, { ...document, ...outcome }, typesOf(request));
  } catch (error) {
    // It is started, whatever became of the wait.
    if (error !== WAITED) {
      context.log.write('warn', 'the wait for a result failed', { requestId: request.id, error });
      return sendDocument(reply, status, document, typesOf(request));
    }
    const now = await context.operations.describe(address).then(outcomeOf, () => ({}));
    return sendDocument(reply, status, { ...document, ...now }, typesOf(request));
  } finally {
    wait.end();
  }
}

/** Starts; what an answer without a wait says of it. */
export async function startedNow({ operations }: RouteContext, start: StartRequest) {
  const started = await operations.start(start);
  const document = writeAnswer(BINDINGS.start, started) as StartReply & Record<string, unknown>;
  if (!started.existing) return { ...document, status: 'running' };
  const { namespace } = start;
  return { ...document, ...outcomeOf(await operations.describe({ namespace, id: started.id })) };
}

/** 201 where the execution was started for the signal, 200 where it was there. */
export async function sendSignalled(
  context: RouteContext,
  operation: OperationRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const started = await context.operations.signalWithStart(operation as unknown as SignalWithStartRequest);
  const document = writeAnswer(BINDINGS.signalWithStart, started) as object;
  return sendDocument(reply, started.existing ? 200 : 201, document, typesOf(request));
}

/** As `sendSignalled`, with what the update's handler returned; 202 where that is not waited for, or takes long. */
export async function sendUpdated(
  context: RouteContext,
  operation: OperationRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { wait: asked, ...start } = operation as unknown as UpdateWithStartRequest;
  const accepted = await context.operations.updateWithStart({ ...start, wait: 'accepted' });
  const document = writeAnswer(BINDINGS.updateWithStart, accepted) as object;
  if (asked === 'accepted') return sendDocument(reply, 202, document, typesOf(request));
  const { namespace } = start;
  const { id, updateId, existing } = accepted;
  const wait = context.waits.begin(parseWait(queryOf(request)['wait']) ?? MAX_WAIT_MS, reply.raw);
  try {
    const { abortSignal } = wait;
    const outcome = context.operations.updateOutcome({ namespace, id, updateId }, { abortSignal });
    const result = decode(await orAborted(outcome, abortSignal));
    return sendDocument(reply, existing ? 200 : 201, { ...document, result }, typesOf(request));
  } catch (error) {
    if (error !== WAITED) throw error;
    return sendDocument(reply, 202, document, typesOf(request));
  } finally {
    wait.end();
  }
}
