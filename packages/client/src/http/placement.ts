import type { z } from 'zod';
import { BINDINGS, pathFields, standsInQuery, type Binding, type OperationName } from './bindings.ts';
import { IN_HEADERS } from './headers.ts';
import { SCHEMAS } from './schemas.ts';

/** Where the fields of an operation's request travel. */
export interface Placement {
  readonly path: readonly string[];
  readonly query: Readonly<Record<string, z.ZodType>>;
  /** Fields of an object in the body; undefined where the body is one value, or nothing. */
  readonly body: Readonly<Record<string, z.ZodType>> | undefined;
}

const placements = new Map<OperationName, Placement>();

export function placementOf(name: OperationName): Placement {
  let placement = placements.get(name);
  if (!placement) placements.set(name, (placement = place(BINDINGS[name], SCHEMAS[name].request.shape)));
  return placement;
}

function place(binding: Binding, shape: Readonly<Record<string, z.ZodType>>): Placement {
  const path = pathFields(binding);
  const rest = Object.entries(shape).filter(
    ([name]) => !path.includes(name) && !IN_HEADERS.includes(name) && name !== binding.body,
  );
  const isInQuery = ([name]: readonly [string, unknown]) => standsInQuery(binding, name);
  const body = rest.filter(field => !isInQuery(field));
  return {
    path,
    query: Object.fromEntries(rest.filter(isInQuery)) as Placement['query'],
    body: body.length === 0 ? undefined : (Object.fromEntries(body) as Placement['query']),
  };
}
