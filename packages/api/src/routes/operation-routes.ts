import type { OperationName, Permission } from '@dfnsjs/client/http';
import {
  BINDINGS,
  HEADERS,
  readRequest,
  SCHEMAS,
  writeAnswer,
  type Binding,
  type OperationRequest,
  type Schemas,
} from '@dfnsjs/client/http';
import type { TakenReply } from '@dfnsjs/client';
import { takenReply } from '@dfnsjs/client/schemas';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DfnsError } from '@dfnsjs/actor-core';
import { assertAllowed, mayReadPayloads } from '../auth/authorize.ts';
import { readBody } from '../body/read-body.ts';
import { messageIdOf, parseIdempotencyKey } from '../idempotency-key.ts';
import { orAborted, WAITED, waitOf } from '../waits.ts';
import { sendInfo } from './about-routes.ts';
import { accessOf, queryOf, sendDocument, sendTaken, typesOf, type RouteContext } from './context.ts';
import { sendHistory } from './history-answer.ts';
import { sendSignalled, sendStarted, sendUpdated } from './start-answer.ts';
import { sendOutcomeNow, withoutPayloads } from './outcome-answer.ts';

type Operation = (request: OperationRequest, options?: { readonly abortSignal: AbortSignal }) => Promise<unknown>;

/** Answers that say more than the reply of their operation. */
const OWN_ANSWERS: { readonly [Name in OperationName]?: typeof sendStarted } = {
  start: sendStarted,
  signalWithStart: sendSignalled,
  updateWithStart: sendUpdated,
  history: sendHistory,
  info: sendInfo,
};

/** A route for each operation that is answered with a document. */
export function operationRoutes(app: FastifyInstance, context: RouteContext): void {
  const variants = new Map<string, Variant[]>();
  for (const name of Object.keys(BINDINGS) as OperationName[]) {
    const { variant, permission }: Binding = BINDINGS[name];
    if (!variant) continue;
    const handler = handlerOf(name, BINDINGS[name], context);
    variants.set(variant.of, [...(variants.get(variant.of) ?? []), { ...variant, permission, handler }]);
  }
  for (const name of Object.keys(BINDINGS) as OperationName[]) {
    const binding: Binding = BINDINGS[name];
    if (binding.variant || binding.streams) continue;
    app.route({
      method: binding.method,
      url: binding.path,
      config: { permission: binding.permission },
      handler: withVariants(handlerOf(name, binding, context), variants.get(name)),
    });
  }
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;

interface Variant {
  readonly query: string;
  readonly value: string;
  readonly permission: Permission | undefined;
  readonly handler: Handler;
}

function withVariants(handler: Handler, variants: readonly Variant[] = []): Handler {
  if (variants.length === 0) return handler;
  return (request, reply) => {
    const variant = variants.find(({ query, value }) => queryOf(request)[query] === value);
    if (!variant) return handler(request, reply);
    if (variant.permission) assertAllowed(accessOf(request).principal, variant.permission);
    return variant.handler(request, reply);
  };
}

function handlerOf(name: OperationName, binding: Binding, context: RouteContext): Handler {
  const run = (context.operations[name] as Operation).bind(context.operations);
  const schemas: Schemas = SCHEMAS[name];
  const isMessage = 'messageId' in schemas.request.shape;
  const own = OWN_ANSWERS[name];
  const pending = new Map<string, Promise<unknown>>();

  /** One wait for a message, however many requests wait for it: a caller that asks again adds none. */
  const once = (request: OperationRequest, signal: AbortSignal): Promise<unknown> => {
    if (!isMessage) return run(request, { abortSignal: signal });
    const key = JSON.stringify([request['namespace'], request['id'], request['messageId']]);
    let answer = pending.get(key);
    if (!answer) {
      answer = run(request).finally(() => pending.delete(key));
      // Whoever asked may have stopped waiting.
      answer.catch(() => undefined);
      pending.set(key, answer);
    }
    return answer;
  };

  return async (request: FastifyRequest, reply: FastifyReply) => {
    const types = typesOf(request);
    const operation = readRequest(name, {
      namespace: accessOf(request).namespace,
      params: request.params as Record<string, string>,
      query: queryOf(request),
      body: readBody(request.body as Buffer | undefined, types),
    });
    // Who waits does not hold on to the text of what is asked.
    request.body = undefined;
    addKey(name, binding, operation, request, context);
    if (own) return own(context, operation, request, reply);
    if (binding.waits) {
      const ms = waitOf(queryOf(request)['wait'], binding.waits);
      if (ms === 0 && binding.waits === 'asked') return sendOutcomeNow(context, operation, request, reply);
      const wait = context.waits.begin(ms, reply.raw);
      try {
        const answer = await orAborted(once(operation, wait.abortSignal), wait.abortSignal);
        return sendDocument(reply, binding.status, allowed(binding, answer, request), types);
      } catch (error) {
        if (error !== WAITED) throw error;
        if (binding.waits === 'asked') return await sendOutcomeNow(context, operation, request, reply);
        return sendDocument(
          reply,
          202,
          isMessage ? { updateId: operation['messageId'] } : { status: 'running' },
          types,
        );
      } finally {
        wait.end();
      }
    }
    if (queryOf(request)['wait'] !== undefined && binding.variant?.query !== 'wait') {
      throw new DfnsError('VALIDATION', `${binding.method} ${binding.path} does not wait. Leave ?wait= out.`);
    }
    const answer = await run(operation);
    if (schemas.answer === takenReply) return sendTaken(reply, binding.status, answer as TakenReply);
    if (schemas.answer) return sendDocument(reply, binding.status, allowed(binding, answer, request), types);
    return sendTaken(reply, binding.status, isMessage ? { messageId: operation['messageId'] as string } : {});
  };
}

/** Payloads of queries and updates are what was asked for; those of the execution need a permission of their own. */
function allowed(binding: Binding, answer: unknown, request: FastifyRequest): unknown {
  const document = writeAnswer(binding, answer);
  return binding.permission === 'read' && !mayReadPayloads(accessOf(request)) ? withoutPayloads(document) : document;
}

/** The header `Idempotency-Key` is the key of a start, and makes the id of a message. */
function addKey(
  name: OperationName,
  binding: Binding,
  operation: OperationRequest,
  request: FastifyRequest,
  { chance }: RouteContext,
): void {
  const { shape } = SCHEMAS[name].request;
  const header = request.headers[HEADERS.idempotencyKey];
  if ('traceparent' in shape && typeof request.headers.traceparent === 'string') {
    operation['traceparent'] = request.headers.traceparent;
  }
  if ('idempotencyKey' in shape) {
    const key = parseIdempotencyKey(header);
    if (key !== undefined && (operation['idempotencyKey'] ?? key) !== key) {
      throw new DfnsError('VALIDATION', 'idempotencyKey in the body is another than the header Idempotency-Key.');
    }
    if (key !== undefined) operation['idempotencyKey'] = key;
    // Of a start that brings a message the one key stands for both.
    if ('messageId' in shape) operation['messageId'] = chance.uuid();
  } else if ('messageId' in shape) {
    const key = parseIdempotencyKey(header);
    const about = operation['name'] ?? operation['command'] ?? '';
    operation['messageId'] =
      key === undefined
        ? chance.uuid()
        : messageIdOf(
            name,
            about as string | number,
            key,
            operation[binding.body ?? 'reason'] ?? operation['attributes'],
          );
  }
}
