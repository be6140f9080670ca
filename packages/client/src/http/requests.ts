import { DfnsError } from '@dfnsjs/actor-core';
import { BOUNDS, encode, nearest, parseId, parseName } from '@dfnsjs/actor-core/values';
import { BINDINGS, type Binding } from './bindings.ts';
import { placementOf } from './placement.ts';
import { payload } from '../operations/payload.ts';
import { shapeOf } from './document.ts';
import { isQueryName, queryNames, readQuery, writeQuery, type QueryText } from './query-text.ts';
import { readSegment, writeSegment } from './segment.ts';

/** A request of an operation, any of them. */
export type OperationRequest = Record<string, unknown>;

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
export function readRequest(binding: Binding, parts: RequestParts): OperationRequest {
  const { path, query, body } = placementOf(binding);
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
    if (binding.request.shape[binding.body] === payload) {
      // All the rest is checked above: the messages that come most often go by no schema.
      request[binding.body] = encode(parts.body, 'The body');
      return request;
    }
    request[binding.body] = parts.body;
    return check(binding, request);
  }
  Object.assign(request, readBody(binding, parts.body, Object.keys(body ?? {})));
  return check(binding, request);
}

/** What a query may say to ask for another operation on the same route. */
function variantsOf({ method, path }: Binding): readonly NonNullable<Binding['variant']>[] {
  const all: readonly Binding[] = Object.values(BINDINGS);
  return all.flatMap(each => (each.variant && each.method === method && each.path === path ? [each.variant] : []));
}

function readBody(binding: Binding, document: unknown, names: readonly string[]): object {
  if (document === undefined && names.length === 0) return {};
  document ??= {};
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new DfnsError('VALIDATION', 'The body must be a JSON object.');
  }
  const allowed = Object.hasOwn(binding.request.shape, 'idempotencyKey') ? [...names, 'idempotencyKey'] : names;
  const given: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(document)) {
    if (!allowed.includes(name)) throw unknownField(name, allowed, 'the body');
    given[name] = value;
  }
  return shapeOf(binding.request).read(given, 'body') as object;
}

function check(binding: Binding, request: OperationRequest): OperationRequest {
  const { limit } = request;
  if (typeof limit === 'number' && limit > BOUNDS.listPage) {
    throw new DfnsError(
      'LIMIT_EXCEEDED',
      `limit must be at most ${BOUNDS.listPage}. Ask for the next page by its cursor.`,
    );
  }
  // The door makes the id of a message when all else is well.
  const whole = 'messageId' in binding.request.shape ? { ...request, messageId: '' } : request;
  const { data, error } = binding.request.safeParse(whole);
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

/** What `readRequest` reads again. */
export interface WrittenRequest {
  /** With its query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** A document; `hasBody` tells undefined from none. */
  readonly body: unknown;
  readonly hasBody: boolean;
}

export function writeRequest(binding: Binding, request: OperationRequest): WrittenRequest {
  const { query: inQuery, body } = placementOf(binding);
  const document = shapeOf(binding.request).write(request) as OperationRequest;
  const path = binding.path.replaceAll(/:(\w+)/g, (_, name: string) => writeSegment(String(request[name])));
  const query = new URLSearchParams();
  writeQuery(pick(document, Object.keys(inQuery)), query);
  if (binding.variant) query.set(binding.variant.query, binding.variant.value);
  if (binding.body !== undefined) return { path, query, body: document[binding.body], hasBody: true };
  if (!body) return { path, query, body: undefined, hasBody: false };
  return { path, query, body: pick(document, Object.keys(body)), hasBody: true };
}

function pick(document: OperationRequest, names: readonly string[]): OperationRequest {
  return Object.fromEntries(names.filter(name => name in document).map(name => [name, document[name]]));
}
