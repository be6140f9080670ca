import { Readable } from 'node:stream';
import { DfnsError } from '@dfnsjs/actor-core';
import type { StartRequest } from '@dfnsjs/client';
import { BATCH, BINDINGS, HEADERS, readRequest, toJson } from '@dfnsjs/client/http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { linesOf, type Line } from '../body/lines.ts';
import { BODY_BYTES, bodyTooLarge, readBody } from '../body/read-body.ts';
import { errorReply } from '../error-reply.ts';
import { parseIdempotencyKey } from '../idempotency-key.ts';
import { inOrder } from '../in-order.ts';
import { accessOf, queryOf, typesOf, type RouteContext } from './context.ts';
import { startedNow } from './start-answer.ts';

/** Starts of one batch that are in hand: many share a commit, and their bytes do not fill the memory. */
const IN_HAND = { count: 200, weight: 4 * BODY_BYTES };

/**
 * POST /v1/executions/batch: a start a line, a verdict a line, in their order and while further lines come. Each stands
 * or falls by itself; a verdict is the answer to the start alone, or its error, with the number of the line.
 */
export function batchRoute(app: FastifyInstance, context: RouteContext): void {
  // The body of this route alone is read as it comes: it has a parser of its own.
  void app.register(async scope => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(BATCH.type, (_, body, done) => done(null, body));
    scope.addContentTypeParser('*', (_, __, done) => done(notLines()));
    scope.post(BATCH.path, { config: { permission: BINDINGS.start.permission } }, (request, reply) => {
      const verdicts = inOrder(linesOf(bodyOf(request), BODY_BYTES), starting(context, request), IN_HAND);
      return reply.header('content-type', `${BATCH.type}; charset=utf-8`).send(Readable.from(verdicts));
    });
  });
}

/** A compressed body would be as large as it likes. */
function bodyOf({ body, headers }: FastifyRequest): Readable {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw notLines();
  return (body as Readable | undefined) ?? Readable.from([]);
}

function notLines(): DfnsError {
  return new DfnsError('VALIDATION', `A batch is lines of JSON, not compressed: send "Content-Type: ${BATCH.type}".`);
}

/** Starts what a line asks for, and says what became of it. Throws at once what is wrong with the whole request. */
function starting(context: RouteContext, request: FastifyRequest) {
  const other = Object.keys(queryOf(request)).find(name => name !== 'types');
  if (other !== undefined) {
    throw new DfnsError('VALIDATION', `There is no ${JSON.stringify(other.slice(0, 64))} in the query of a batch.`);
  }
  const types = typesOf(request);
  const { namespace } = accessOf(request);
  const { traceparent } = request.headers;
  const key = parseIdempotencyKey(request.headers[HEADERS.idempotencyKey]);

  const start = async ({ number, bytes }: Line): Promise<string> => {
    try {
      if (!bytes) throw bodyTooLarge();
      const body = readBody(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), types);
      const given = readRequest('start', { namespace, params: {}, query: {}, body }) as unknown as StartRequest;
      const started = await startedNow(context, {
        ...given,
        // Under one key for the whole each line has its own.
        ...(key !== undefined && given.idempotencyKey === undefined ? { idempotencyKey: `${key}/${number}` } : {}),
        ...(typeof traceparent === 'string' ? { traceparent } : {}),
      });
      return `${toJson({ line: number, ...started }, types)}\n`;
    } catch (error) {
      const { body } = errorReply(error, request.id, types, context.log);
      return `{"line":${number},${body.slice(1)}\n`;
    }
  };
  return (line: Line) => ({ weight: line.bytes?.length ?? 0, result: start(line) });
}
