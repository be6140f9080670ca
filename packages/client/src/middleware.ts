import { compose, DfnsError, type Around, type Layer } from '@dfnsjs/actor-core';
import { decode, encode, parseHeaders, type Payload } from '@dfnsjs/actor-core/values';
import type { Operations, WaitOptions } from './operations/operations.ts';

/** What client middleware stands around: whatever makes something happen, and queries. */
const AROUND = ['start', 'signal', 'query', 'update', 'cancel', 'terminate', 'retry'] as const;

/** A call of a client. What `next` is given may have another `input` or other `headers`; the rest stays as it is. */
export interface ClientCall {
  readonly operation: (typeof AROUND)[number];
  readonly namespace: string;
  /** Of the execution; undefined for a start that leaves it to dfns. */
  readonly id: string | undefined;
  /** Of the workflow, signal, query or update. */
  readonly name: string | undefined;
  readonly input: unknown;
  /** Of a start: they travel with the execution. Others have none. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Resolves to what the call is answered with: of a start `{ id, runId, existing, … }`, of a query or update its value, else
 * undefined.
 */
export type ClientMiddleware = Layer<ClientCall>;

/** Requests, as far as middleware sees them. */
interface Request {
  readonly namespace: string;
  readonly id?: string | undefined;
  readonly workflow?: string;
  readonly name?: string;
  readonly input?: Payload;
  readonly payload?: Payload;
  readonly headers?: ReadonlyMap<string, string> | undefined;
}

type Operation = (request: Request, options?: WaitOptions) => Promise<unknown>;

/** The operations with middleware around calls; they themselves where there is none. */
export function withMiddleware(operations: Operations, layers: readonly ClientMiddleware[]): Operations {
  const around = compose(layers);
  if (!around) return operations;
  const surrounded = new Map<unknown, Operation>();
  for (const operation of AROUND) {
    const run = (operations[operation] as Operation).bind(operations);
    surrounded.set(operation, (request, options) => surround(around, operation, request, next => run(next, options)));
  }
  return new Proxy(operations, {
    get(target, name: keyof Operations) {
      const given: unknown = target[name];
      return surrounded.get(name) ?? (typeof given === 'function' ? (given.bind(target) as unknown) : given);
    },
  });
}

async function surround(
  around: Around<ClientCall>,
  operation: ClientCall['operation'],
  request: Request,
  run: Operation,
): Promise<unknown> {
  const field = request.input ? 'input' : 'payload';
  const payload = request[field];
  const given: ClientCall = {
    operation,
    namespace: request.namespace,
    id: request.id,
    name: request.workflow ?? request.name,
    input: payload && decode(payload),
    headers: Object.fromEntries(request.headers ?? []),
  };
  const isValue = operation === 'query' || operation === 'update';
  const answer = await around(given, async call => {
    const changed: { -readonly [Part in keyof Request]: Request[Part] } = { ...request };
    if (call.input !== given.input) changed[field] = encode(call.input, `The input of ${operation} "${given.name}"`);
    if (operation === 'start' && call.headers !== given.headers) changed.headers = parseHeaders(call.headers);
    const reply = await run(changed);
    return isValue ? decode(reply as Payload) : reply;
  });
  if (isValue) return encode(answer, `The answer of ${operation} "${given.name}"`);
  if (operation === 'start' && (typeof answer !== 'object' || answer === null || !('runId' in answer))) {
    throw new DfnsError('VALIDATION', 'Middleware around start must return what next() resolves to.');
  }
  return answer;
}
