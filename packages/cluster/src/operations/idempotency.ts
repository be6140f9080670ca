import { createHash } from 'node:crypto';
import type { StartRequest } from '@dfnsjs/client';

/** Of who calls, not of what is asked: a call that is sent again may stand in another trace. */
const TRACE_HEADERS: readonly string[] = ['traceparent', 'tracestate'];

/**
 * A hash of all that a start asks for but its key and trace: the same key with another call is told apart by it.
 */
export function hashOfStart(request: StartRequest): string {
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
  ];
  return createHash('sha256').update(JSON.stringify(rest)).update(request.input).digest('base64url');
}

function sorted(record: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
