import type { z } from 'zod';
import type { Binding } from './bindings.ts';

export const HEADERS = {
  namespace: 'x-dfns-namespace',
  requestId: 'x-request-id',
  idempotencyKey: 'idempotency-key',
  traceparent: 'traceparent',
  lastEventId: 'last-event-id',
} as const;

/** Fields that are headers. */
const IN_HEADERS = ['namespace', 'messageId', 'idempotencyKey', 'traceparent', 'lastEventId'];

/** Where the fields of a binding's request travel. */
export interface Placement {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, z.ZodType>>;
  /** Fields of an object in the body; undefined where the body is one value, or nothing. */
  readonly body: Readonly<Record<string, z.ZodType>> | undefined;
}

const placements = new WeakMap<Binding, Placement>();

export function placementOf(binding: Binding): Placement {
  let placement = placements.get(binding);
  if (!placement) placements.set(binding, (placement = place(binding)));
  return placement;
}

function place(binding: Binding): Placement {
  const path = [...binding.path.matchAll(/:(\w+)/g)].map(match => match[1]!);
  const rest = Object.entries(binding.request.shape).filter(
    ([name]) => !path.includes(name) && !IN_HEADERS.includes(name) && name !== binding.body,
  );
  const isInQuery = ([name]: readonly [string, unknown]) =>
    binding.method === 'GET' || binding.method === 'DELETE' || binding.query?.includes(name);
  const body = rest.filter(field => !isInQuery(field));
  return {
    path,
    query: Object.fromEntries(rest.filter(isInQuery)) as Placement['query'],
    body: body.length === 0 ? undefined : (Object.fromEntries(body) as Placement['query']),
  };
}
