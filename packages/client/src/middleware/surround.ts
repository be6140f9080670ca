import { DfnsError, type Around } from '@dfnsjs/actor-core';
import { decode, encode, parseHeaders, type Payload } from '@dfnsjs/actor-core/values';
import { shapeOf, type ClientCall } from './call.ts';

/** A request of any operation, as far as middleware sees it. */
export interface Request {
  readonly namespace: string;
  readonly id?: string | undefined;
  readonly workflow?: string;
  readonly name?: string;
  readonly command?: number;
  readonly headers?: ReadonlyMap<string, string> | undefined;
  readonly signal?: { readonly name: string; readonly payload: Payload };
  readonly update?: { readonly name: string; readonly input: Payload };
}

/** Runs the operation with the layers around it: they see values, it gets and gives payloads. */
export async function surround<R extends Request>(
  around: Around<ClientCall>,
  operation: ClientCall['operation'],
  request: R,
  run: (request: R) => Promise<unknown>,
): Promise<unknown> {
  const { starts, answer: answers } = shapeOf(operation);
  const given = callOf(operation, request);
  const answer = await around(given, async call => {
    const reply = await run(changed(request, given, call));
    if (answers === 'whole') return decode(reply as Payload);
    if (answers === 'result') return withResult(reply as object, value => value && decode(value as Payload));
    return reply;
  });
  if (starts && (typeof answer !== 'object' || answer === null || !('runId' in answer))) {
    throw new DfnsError('VALIDATION', `Middleware around ${operation} must return what next() resolves to.`);
  }
  const what = `The answer of ${operation} "${given.message?.name ?? given.name}"`;
  if (answers === 'whole') return encode(answer, what);
  return answers === 'result' ? withResult(answer as object, value => encode(value, what)) : answer;
}

function callOf(operation: ClientCall['operation'], request: Request): ClientCall {
  const { input, read, message } = shapeOf(operation);
  const value = input && (request as unknown as Readonly<Record<string, unknown>>)[input];
  return {
    operation,
    namespace: request.namespace,
    id: request.id,
    name: request.workflow ?? request.name,
    command: request.command,
    input: read || value === undefined ? value : decode(value as Payload),
    message: message && messageOf(request, message.field),
    headers: Object.fromEntries(request.headers ?? []),
  };
}

function messageOf({ signal, update }: Request, field: 'signal' | 'update'): ClientCall['message'] {
  if (field === 'signal') return signal && { name: signal.name, input: decode(signal.payload) };
  return update && { name: update.name, input: decode(update.input) };
}

/** The request with what the layers changed. */
function changed<R extends Request>(request: R, given: ClientCall, call: ClientCall): R {
  const { operation, name } = given;
  const { input, read, starts, message } = shapeOf(operation);
  const changes: Record<string, unknown> = {};
  if (input && call.input !== given.input) {
    changes[input] = read ? read(call.input) : encode(call.input, `The input of ${operation} "${name}"`);
  }
  if (message && given.message && call.message?.input !== given.message.input) {
    const { field, value } = message;
    const payload = encode(call.message?.input, `The ${value} of ${field} "${given.message.name}"`);
    changes[field] = { ...request[field], [value]: payload };
  }
  if (starts && call.headers !== given.headers) changes['headers'] = parseHeaders(call.headers);
  return { ...request, ...changes };
}

function withResult(reply: object, convert: (value: unknown) => unknown): object {
  return { ...reply, result: convert((reply as { readonly result?: unknown }).result) };
}
