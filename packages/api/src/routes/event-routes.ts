import {
  BINDINGS,
  HEADERS,
  readRequest,
  toJson,
  writeAnswer,
  type Binding,
  type OperationName,
  type Types,
} from '@dfnsjs/client/http';
import { DfnsError } from '@dfnsjs/actor-core';
import type { EventItem, EventsRequest } from '@dfnsjs/client';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ending } from '../streams.ts';
import { accessOf, queryOf, typesOf, type RouteContext } from './context.ts';

/** A route for each operation that streams. */
export function eventRoutes(app: FastifyInstance, context: RouteContext): void {
  for (const name of Object.keys(BINDINGS) as OperationName[]) {
    const binding: Binding = BINDINGS[name];
    if (!binding.streams) continue;
    app.route({
      method: binding.method,
      url: binding.path,
      // Nothing but its stream tells of it.
      exposeHeadRoute: false,
      config: { permission: binding.permission },
      handler: (request, reply) => stream(name, context, request, reply),
    });
  }
}

async function stream(
  name: OperationName,
  { operations, streams, log }: RouteContext,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const binding: Binding = BINDINGS[name];
  const types = typesOf(request);
  const { namespace, principal } = accessOf(request);
  const query = queryOf(request);
  if (query['wait'] !== undefined) {
    throw new DfnsError('VALIDATION', `${binding.method} ${binding.path} streams. Leave ?wait= out.`);
  }
  const asked = readRequest(name, { namespace, params: {}, query, body: undefined }) as EventsRequest;
  const lastEventId = request.headers[HEADERS.lastEventId];
  // Clients that had no event yet may send an empty one.
  if (typeof lastEventId === 'string' && lastEventId !== '') asked.lastEventId = lastEventId;
  const events = streams.begin(reply.raw, principal.expiresAt ?? Infinity);
  try {
    const { abortSignal } = events;
    const items = operations.events(asked, { abortSignal })[Symbol.asyncIterator]();
    try {
      // What is refused is refused as any request is: its answer has not begun.
      let next = await items.next();
      void reply.hijack();
      events.begin(reply.getHeaders());
      for (; !next.done && !abortSignal.aborted; next = await items.next()) {
        await events.send(next.value.cursor, shown(binding, next.value, types));
      }
    } catch (error) {
      if (!reply.raw.headersSent) throw abortSignal.aborted ? ending() : error;
      // Of a node that ends, or of a caller that is gone: whoever still reads is told to come back.
      const isEnd = abortSignal.aborted || (error instanceof DfnsError && error.code === 'UNAVAILABLE');
      if (!isEnd) log.write('error', 'a stream of events failed', { requestId: request.id, error: error as Error });
    } finally {
      await items.return?.();
    }
  } finally {
    events.end();
  }
  return reply;
}

function shown(binding: Binding, { event }: EventItem, types: Types) {
  if (!event) return undefined;
  const document = event.type === 'reset' ? event : writeAnswer(binding, event);
  return { type: event.type, data: toJson(document, types) };
}
