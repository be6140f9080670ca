import { DfnsError } from '../errors/dfns-error.ts';
import type { MessageId } from '../ids/ids.ts';
import type { Delivery, Reply } from '../actor/mailbox.ts';
import type { Payload } from '../payload/payload.ts';
import { TRACEPARENT_HEADER } from '../ports/telemetry/spans.ts';
import type { Started, StartRequest } from './options.ts';
import type { EngineParts } from './parts.ts';
import { startExecution } from './starting.ts';
import { awaitUpdate, updateOutcome } from './updating.ts';

/** A signal or update that comes with a start. */
export interface MessageOfStart {
  readonly name: string;
  readonly payload: Payload;
  readonly messageId: MessageId;
}

/**
 * Starts an execution and gives it a signal, in one turn; one that is there already is given the signal. Resolves when
 * both are durable.
 */
export async function signalWithStart(
  parts: EngineParts,
  request: StartRequest,
  { name, payload, messageId }: MessageOfStart,
): Promise<Started> {
  const message = { kind: 'signal', at: 0, id: messageId, sender: 0, number: 0, name, payload } as const;
  const send = (context: { readonly traceparent?: string }) =>
    startWith(parts, request, reply => ({ message, inbox: null, reply: { ...reply, ...context } }));
  if (!parts.tracing) return send({});
  const { namespace, id, headers } = request;
  const caller = headers?.get(TRACEPARENT_HEADER);
  const run = () => parts.residents.at(namespace, id)?.actor?.state.run;
  return parts.tracing.signal({ namespace, id, name, caller, run }, traceparent => send({ traceparent }));
}

/** As `signalWithStart`, with an update. `outcome` absent: only that it was accepted is waited for. */
export async function updateWithStart(
  parts: EngineParts,
  request: StartRequest,
  { name, payload, messageId }: MessageOfStart,
  until: 'accepted' | 'answered',
): Promise<Started & { readonly outcome?: Payload }> {
  let outcome: Promise<Payload> | undefined;
  const started = await startWith(parts, request, reply => {
    const message = { kind: 'update', at: 0, id: messageId, name, payload } as const;
    if (until === 'accepted') return { message, inbox: null, reply };
    const call = awaitUpdate(parts, request.namespace, request.id, messageId);
    outcome = call.outcome;
    outcome.catch(() => undefined);
    return { message, inbox: null, reply: both(call.reply, reply) };
  });
  if (!outcome) return started;
  if (started.id === request.id) return { ...started, outcome: await outcome };
  // The same idempotent call, answered by the execution that the first one started.
  return {
    ...started,
    outcome: await updateOutcome(parts, request.namespace, started.id, messageId, undefined),
  };
}

async function startWith(
  parts: EngineParts,
  request: StartRequest,
  deliveryTo: (reply: Reply) => Delivery,
): Promise<Started> {
  for (let again = false; ; again = true) {
    const taken = Promise.withResolvers<unknown>();
    taken.promise.catch(() => undefined);
    const delivery = deliveryTo({ accepted: taken.resolve, refused: taken.reject });
    let started: Started;
    try {
      started = await startExecution(parts, request, delivery);
    } catch (error) {
      delivery.reply?.refused(error as Error);
      throw error;
    }
    if (started.existing) parts.deliver(request.namespace, started.id, delivery);
    try {
      await taken.promise;
      return started;
    } catch (error) {
      // It ended between the two: the id may be used again now, if `reuse` says so. The execution of an earlier call with
      // the same key is the answer a second time too.
      const isClosed = error instanceof DfnsError && error.code === 'CLOSED';
      if (!isClosed || !started.existing || (request.idempotency && again)) throw error;
    }
  }
}

function both(first: Reply, second: Reply): Reply {
  return {
    accepted: () => {
      first.accepted();
      second.accepted();
    },
    refused: error => {
      first.refused(error);
      second.refused(error);
    },
  };
}
