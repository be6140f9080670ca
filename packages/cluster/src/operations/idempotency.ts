import { createHash } from 'node:crypto';
import type { Payload } from '@dfnsjs/actor-core/records';
import type { StartRequest } from '@dfnsjs/client';

/** The message that comes with a start. */
export interface Accompanying {
  readonly name: string;
  readonly payload: Payload;
}

/** Of who calls, not of what is asked: a call that is sent again may stand in another trace. */
const TRACE_HEADERS: readonly string[] = ['traceparent', 'tracestate'];

/**
 * A hash of all that a start asks for but its key and trace: the same key with another call is told apart by it.
 */
export function hashOfStart(request: StartRequest, message?: Accompanying): string {
  const { namespace, id, workflow, version, onConflict, reuse, attributes, headers } = request;
  const rest = [
    namespace,
    id,
    workflow,
    version,
    onConflict,
    reuse,
    sorted(attributes ?? {}),
    sorted(Object.fromEntries([...(headers ?? [])].filter(([name]) => !TRACE_HEADERS.includes(name)))),
    ...(message ? [message.name, request.input.byteLength] : []),
  ];
  const hash = createHash('sha256').update(JSON.stringify(rest)).update(request.input);
  if (message) hash.update(message.payload);
  return hash.digest('base64url');
}

/** The id of a message: of the caller's key where there is one, so that the same call again is the same message. */
export function messageIdOf(
  operation: string,
  request: Pick<StartRequest, 'namespace' | 'workflow' | 'idempotencyKey'> & { readonly messageId: string },
): string {
  const { namespace, workflow, idempotencyKey } = request;
  if (idempotencyKey === undefined) return request.messageId;
  const parts = JSON.stringify([operation, namespace, workflow, idempotencyKey]);
  return createHash('sha256').update(parts).digest('base64url');
}

function sorted(record: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
