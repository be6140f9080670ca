import type { StartRequest } from '@dfnsjs/client';
import { BINDINGS, writeAnswer, type OperationRequest } from '@dfnsjs/client/http';
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
  const started = await context.operations.start(start);
  // The same start again, by its key, is answered as the first was.
  const status = started.existing && start.onConflict === 'use-existing' ? 200 : 201;
  const address = { namespace: start.namespace, id: started.id };
  const document = { ...(writeAnswer(BINDINGS.start, started) as object) };
  if (waitMs === 0 && !started.existing) {
    return sendDocument(reply, status, { ...document, status: 'running' }, typesOf(request));
  }
  const known = started.existing ? outcomeOf(await context.operations.describe(address)) : { status: 'running' };
  if (waitMs === 0 || known['status'] !== 'running') {
    return sendDocument(reply, status, { ...document, ...known }, typesOf(request));
  }
  const wait = context.waits.begin(waitMs, reply.raw);
  try {
    const { abortSignal } = wait;
    const result = await orAborted(context.operations.result(address, { abortSignal }), abortSignal);
    const outcome = writeAnswer(BINDINGS.result, result) as object;
    return sendDocument(reply, status, { ...document, ...outcome }, typesOf(request));
  } catch (error) {
    // It is started, whatever became of the wait.
    if (error !== WAITED) context.log.write('warn', 'the wait for a result failed', { requestId: request.id, error });
    return sendDocument(reply, status, { ...document, status: 'running' }, typesOf(request));
  } finally {
    wait.end();
  }
}
