import { createHash } from 'node:crypto';
import type { StartRequest } from '@dfnsjs/client';

/** A hash of all that a start asks for but its key: the same key with another call is told apart by it. */
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
    sorted(Object.fromEntries(headers ?? [])),
  ];
  return createHash('sha256').update(JSON.stringify(rest)).update(request.input).digest('base64url');
}

function sorted(record: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
