import { DfnsError } from '@dfnsjs/actor-core';
import { BOUNDS, encode, nearest, parseId, parseName } from '@dfnsjs/actor-core/values';
import { payload } from '../operations/payload.ts';
import { BINDINGS, type Binding, type OperationName } from './bindings.ts';
import { placementOf } from './placement.ts';
import type { QueryText } from './query-text.ts';
import { isQueryName, queryNames, readQuery } from './read-query.ts';
import type { OperationRequest } from './requests.ts';
import { SCHEMAS, type Schemas } from './schemas.ts';
import { readSegment } from './segment.ts';

/** What a request over HTTP says of an operation's request. */
export interface RequestParts {
  readonly namespace: string;
  /** By name, percent signs decoded. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly query: QueryText;
  /** The value of the body; undefined where it is empty. */
  readonly body: unknown;
}

/** Names of a query that are about the answer, not about the operation. */
const ABOUT_ANSWER = new Set(['types', 'wait', 'payloads']);

/**
 * The request that HTTP asks for, without its message id. VALIDATION names the field; a name that no field has is
 * refused with the nearest that one has.
 */
export function readRequest(operation: OperationName, parts: RequestParts): OperationRequest {
  const binding: Binding = BINDINGS[operation];
  const schema: Schemas['request'] = SCHEMAS[operation].request;
  const { path, query, body } = placementOf(operation);
  const what = `${binding.method} ${binding.path}`;
  const request: OperationRequest = { ...binding.defaults, namespace: parts.namespace };
  for (const name of path) request[name] = readParam(name, parts.params[name] ?? '');
  if (binding.variant) parts = { ...parts, query: { ...parts.query, [binding.variant.query]: undefined } };
  for (const name of Object.keys(parts.query)) {
    if (parts.query[name] === undefined) continue;
    if (!isQueryName(name, query) && !ABOUT_ANSWER.has(name)) {
      const variant = variantsOf(binding).find(each => each.query === name);
      if (variant) throw new DfnsError('VALIDATION', `${name} of ${what} must be "${variant.value}", or left out.`);
      throw unknownField(name, [...queryNames(query), ...ABOUT_ANSWER], `the query of ${what}`);
    }
  }
  Object.assign(request, readQuery(parts.query, query, what));
  // How long an answer is waited for, unless it is what else the operation is asked.
  if ('wait' in query && request['wait'] !== 'accepted') request['wait'] = binding.defaults?.['wait'];
  if (binding.body !== undefined) {
    if (schema.shape[binding.body] === payload) {
      // All the rest is checked above: the messages that come most often go by no schema.
      request[binding.body] = encode(parts.body, 'The body');
      return request;
    }
    request[binding.body] = parts.body;
    return check(schema, request);
  }
  Object.assign(request, readBody(binding, schema, parts.body, Object.keys(body ?? {})));
  return check(schema, request);
}

/** What a query may say to ask for another operation on the same route. */
function variantsOf({ method, path }: Binding): readonly NonNullable<Binding['variant']>[] {
  const all: readonly Binding[] = Object.values(BINDINGS);
  return all.flatMap(each => (each.variant && each.method === method && each.path === path ? [each.variant] : []));
}

function readBody({ takes }: Binding, schema: Schemas['request'], document: unknown, names: readonly string[]): object {
  if (document === undefined && names.length === 0) return {};
  document ??= {};
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new DfnsError('VALIDATION', 'The body must be a JSON object.');
  }
  const allowed = Object.hasOwn(schema.shape, 'idempotencyKey') ? [...names, 'idempotencyKey'] : names;
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(document)) {
    if (!allowed.includes(name)) throw unknownField(name, allowed, 'the body');
    given[name] = value;
  }
  return (takes ? takes.read(given, 'body') : given) as object;
}

function check(schema: Schemas['request'], request: OperationRequest): OperationRequest {
  const { limit } = request;
  if (typeof limit === 'number' && limit > BOUNDS.listPage) {
    throw new DfnsError(
      'LIMIT_EXCEEDED',
      `limit must be at most ${BOUNDS.listPage}. Ask for the next page by its cursor.`,
    );
  }
  // The door makes the id of a message when all else is well.
  const whole = 'messageId' in schema.shape ? { ...request, messageId: '' } : request;
  const { data, error } = schema.safeParse(whole);
  const issue = error?.issues[0];
  if (!issue) return data as OperationRequest;
  const field = issue.path.map(String).join('.');
  throw new DfnsError('VALIDATION', `${field || 'The request'}: ${issue.message}`, { details: { field } });
}

function readParam(name: string, segment: string): string | number {
  if (name === 'command') {
    if (/^[1-9]\d{0,14}$/.test(segment)) return Number(segment);
    throw new DfnsError('VALIDATION', 'A task is named by the number of its command, which the history has.');
  }
  const text = readSegment(segment, `The ${name} in the path`);
  return name === 'name' ? parseName(text, `The ${name} in the path`) : parseId(text, `The ${name} in the path`);
}

function unknownField(name: string, names: readonly string[], where: string): DfnsError {
  const near = nearest(name, names);
  const advice = near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean ${JSON.stringify(near)}?`;
  return new DfnsError('VALIDATION', `There is no ${JSON.stringify(name.slice(0, 64))} in ${where}. ${advice}`, {
    details: { field: name.slice(0, 64) },
  });
}
