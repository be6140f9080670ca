import type { FastifyReply, FastifyRequest } from 'fastify';
import { BINDINGS, writeAnswer, type OperationRequest } from '@dfnsjs/client/http';
import type { ExecutionAddress, ExecutionDescription } from '@dfnsjs/client';
import { encode } from '@dfnsjs/actor-core/values';
import { mayReadPayloads } from '../auth/authorize.ts';
import { accessOf, sendDocument, typesOf, type RouteContext } from './context.ts';

/** What an execution came to, as of now: of one that goes on 202. */
export async function sendOutcomeNow(
  context: RouteContext,
  operation: OperationRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const outcome = outcomeOf(await context.operations.describe(operation as ExecutionAddress));
  const document = mayReadPayloads(accessOf(request)) ? outcome : withoutPayloads(outcome);
  return sendDocument(reply, outcome['status'] === 'running' ? 202 : 200, document, typesOf(request));
}

/** As GET …/result shows it; of a running one that it is, and why it is held, if it is. */
export function outcomeOf({ status, held, result, error }: ExecutionDescription): Record<string, unknown> {
  if (status === 'running' || status === 'continued-as-new') {
    return { status: 'running', ...(held ? { held: { code: held.code, message: held.message } } : {}) };
  }
  return writeAnswer(BINDINGS.result, { status, output: result ?? error ?? encode(undefined) }) as Record<
    string,
    unknown
  >;
}

/** What a key sees that may not see payloads. */
export function withoutPayloads(document: unknown): unknown {
  if (typeof document !== 'object' || document === null) return document;
  const { input: _input, result: _result, ...rest } = document as Record<string, unknown>;
  return rest;
}
