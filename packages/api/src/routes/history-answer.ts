import { DfnsError } from '@dfnsjs/actor-core';
import { decode, parseId, type Payload } from '@dfnsjs/actor-core/values';
import type { HistoryEvent, HistoryReply, HistoryRequest } from '@dfnsjs/client';
import {
  BINDINGS,
  PayloadReference,
  readSegment,
  toJson,
  writeAnswer,
  type OperationRequest,
} from '@dfnsjs/client/http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { authorizePayloads, mayReadPayloads } from '../auth/authorize.ts';
import { accessOf, queryOf, sendDocument, typesOf, type RouteContext } from './context.ts';

/** Bytes of a payload that may come along, and of all of a page. */
const INLINE_BYTES = 64 * 1024;
const INLINE_PAGE_BYTES = 1024 * 1024;
/** Characters of a payload that its reference shows. */
const PREVIEW = 256;

/** A page of events; payloads by reference, or with `?payloads=inline` small ones along. */
export async function sendHistory(
  context: RouteContext,
  operation: OperationRequest,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = operation as unknown as HistoryRequest;
  const isInline = wantsInline(queryOf(request)['payloads']);
  const access = accessOf(request);
  if (isInline) authorizePayloads(access);
  let page = await context.operations.history(asked);
  if (isInline) {
    const fitting = fittingEvents(page);
    if (fitting < page.items.length) page = await context.operations.history({ ...asked, limit: fitting });
  }
  const references = page.items.map(({ value, seq }) =>
    value && !(isInline && value.length <= INLINE_BYTES)
      ? referenceTo(value, `${page.runId}.${seq}`, mayReadPayloads(access))
      : undefined,
  );
  const items = page.items.map((event, index) => (references[index] ? withoutValue(event) : event));
  const document = writeAnswer(BINDINGS.history, { ...page, items }) as { readonly items: readonly object[] };
  const shown = document.items.map((event, index) =>
    references[index] ? { ...event, value: references[index] } : event,
  );
  return sendDocument(reply, 200, { ...document, items: shown }, typesOf(request));
}

/** GET …/payloads/:ref: one payload of a history. */
export function payloadRoute(app: FastifyInstance, context: RouteContext): void {
  app.get('/v1/executions/:id/payloads/:ref', { config: { permission: 'payloads' } }, async (request, reply) => {
    const params = request.params as { readonly id: string; readonly ref: string };
    const id = parseId(readSegment(params.id, 'The id in the path'), 'The id in the path');
    const ref = readSegment(params.ref, 'The reference in the path');
    const dot = ref.lastIndexOf('.');
    const [runId, seq] = [ref.slice(0, dot), Number(ref.slice(dot + 1))];
    if (dot < 1 || !Number.isSafeInteger(seq) || seq < 1) {
      throw new DfnsError('VALIDATION', 'That is no reference of a payload in a history.');
    }
    const { namespace } = accessOf(request);
    const { items } = await context.operations.history({ namespace, id, runId, from: seq, limit: 1 });
    const value = items[0]?.value;
    if (!value) throw new DfnsError('NOT_FOUND', `The execution "${id}" has no payload "${ref}".`);
    return sendDocument(reply, 200, { ref, size: value.length, value: decode(value) }, typesOf(request));
  });
}

function wantsInline(text: string | readonly string[] | undefined): boolean {
  if (text === undefined || text === 'reference') return false;
  if (text === 'inline') return true;
  throw new DfnsError('VALIDATION', 'payloads must be "reference" or "inline".');
}

/** Events until their payloads are too much for one page; one at least. */
function fittingEvents({ items }: HistoryReply): number {
  let bytes = 0;
  const over = items.findIndex(({ value }) => {
    if (value && value.length <= INLINE_BYTES) bytes += value.length;
    return bytes > INLINE_PAGE_BYTES;
  });
  return over < 0 ? items.length : Math.max(over, 1);
}

function withoutValue(event: HistoryEvent): HistoryEvent {
  return { ...event, value: undefined };
}

function referenceTo(payload: Payload, ref: string, withPreview: boolean): PayloadReference {
  const shows = withPreview && payload.length <= INLINE_BYTES;
  const value = shows ? decode(payload) : undefined;
  return new PayloadReference({
    ref,
    size: payload.length,
    type: shows ? typeOf(value) : 'unknown',
    preview: shows ? toJson(value, 'plain').slice(0, PREVIEW) : '',
    encoding: 'dfns',
  });
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
}
