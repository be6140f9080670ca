import { DfnsError } from '@dfnsjs/actor-core';
import type { Started, StartRequest as EngineStart } from '@dfnsjs/actor-core/engine';
import { parseTraceparent, TRACEPARENT_HEADER, type Member, type ServedWorkflow } from '@dfnsjs/actor-core/ports';
import { BOUNDS, type RunId } from '@dfnsjs/actor-core/records';
import type { StartReply, StartRequest } from '@dfnsjs/client';
import { commonVersion, servesAll } from '../placement/workflows.ts';
import type { OperationContext } from './context.ts';
import type { Declaration } from './declaration.ts';
import { startAttributes } from './door.ts';
import { hashOfStart, type Accompanying } from './idempotency.ts';
import { newId } from './new-id.ts';

export interface ParsedStart {
  readonly id: string;
  /** Of its workflow. undefined: the engine refuses it, since it knows which there are. */
  readonly declaration: Declaration | undefined;
  readonly engine: EngineStart;
}

/** A start as the engine takes it: an id made where none was given, input and attributes parsed. */
export async function startOf(
  context: OperationContext,
  request: StartRequest,
  operation = 'start',
  accompanying?: Accompanying,
): Promise<ParsedStart> {
  const { chance, door, store, membership } = context;
  const { namespace, idempotencyKey } = request;
  const members = membership()?.members ?? [];
  const version = request.version ?? commonVersion(members, request.workflow);
  const declaration = door.declaration(request.workflow, version);
  const definition = await declaration?.definition();
  const id = request.id ?? newId(context, namespace, { name: request.workflow, version: definition?.version ?? 0 });
  const engine = {
    namespace,
    id,
    workflow: request.workflow,
    version,
    ...(definition && lacks(members, { name: request.workflow, version: definition.version }) ? { definition } : {}),
    input: (await declaration?.input(request.input)) ?? request.input,
    attributes: request.attributes ? await startAttributes(declaration, request.attributes) : null,
    headers: headersOf(request),
    onConflict: request.onConflict,
    reuse: request.reuse,
    idempotency:
      idempotencyKey === undefined
        ? null
        : { operation, key: idempotencyKey, hash: hashOfStart(request, accompanying) },
    startedBy: null,
    // Where the call may reach another node, it may be made twice.
    ...(store.exclusive ? {} : { runId: chance.uuid() as RunId }),
  };
  return { id, declaration, engine };
}

/** Whether the owner may be a node without the workflow. */
function lacks(members: readonly Member[], workflow: ServedWorkflow): boolean {
  return members.some(member => !servesAll(member, [workflow]));
}

export function started({ id, runId, workflow, version, existing }: Started): StartReply {
  return { id, runId, workflow, version, existing };
}

/** The caller's trace is a header of the execution, if it is one at all. */
function headersOf({ headers, traceparent }: StartRequest): ReadonlyMap<string, string> | null {
  if (headers) assertBounded(headers);
  if (headers?.has(TRACEPARENT_HEADER) || !parseTraceparent(traceparent)) return headers ?? null;
  return new Map(headers).set(TRACEPARENT_HEADER, traceparent!);
}

/** They stand in the row of the execution and go to its tasks and children: what is large belongs into the input. */
function assertBounded(headers: ReadonlyMap<string, string>): void {
  let bytes = 0;
  for (const [name, value] of headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  if (bytes <= BOUNDS.headersBytes) return;
  throw new DfnsError(
    'LIMIT_EXCEEDED',
    `The headers are ${bytes} bytes, the limit is ${BOUNDS.headersBytes}. Put what is large into the input.`,
    { details: { bytes, limitBytes: BOUNDS.headersBytes } },
  );
}
