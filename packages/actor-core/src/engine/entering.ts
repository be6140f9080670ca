import type { Actor } from '../actor/actor.ts';
import type { Reply } from '../actor/mailbox.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import type { Held } from '../execution/execution.ts';
import { shardOf } from '../ids/address.ts';
import type { Message } from '../message/message.ts';
import { stopping, storeSilent, unavailable } from './answers.ts';
import type { StartRequest } from './options.ts';
import type { EngineParts } from './parts.ts';
import type { MessageOfStart } from './starting-with.ts';

/** What is told of a message that is durable: why its execution is held, of those that a held one takes later. */
type Told<Sent extends Message> = Sent['kind'] extends 'signal' | 'cancel' | 'amend' ? Held | undefined : void;

/** Sends an execution a message of a client's; resolves when that is durable, rejects where it is refused. */
export function call<Sent extends Message>(
  parts: EngineParts,
  namespace: string,
  id: string,
  message: Sent,
  traceparent?: string,
): Promise<Told<Sent>> {
  return new Promise((resolve, reject) => {
    const accepted = resolve as Reply['accepted'];
    const reply = { accepted, refused: reject, ...(traceparent === undefined ? {} : { traceparent }) };
    enter(parts, namespace, id, message, reply);
  });
}

/** Takes a client's message in, or refuses it: signals and updates where there is too much in hand. */
export function enter(parts: EngineParts, namespace: string, id: string, message: Message, reply: Reply): void {
  const { entrance, residents } = parts;
  let bytes = 0;
  if (message.kind === 'signal' || message.kind === 'update') {
    const there = residents.at(namespace, id);
    let waiting = there?.actor?.mailbox.size ?? there?.mail.length ?? 0;
    // Messages that came before wait in the store for room: this one must not overtake them.
    if (there?.left) waiting = Infinity;
    if (message.kind === 'signal' && there?.actor) waiting += unreadBefore(there.actor, message.name);
    const refusal = entrance.refusal('message', id, waiting);
    if (refusal) return reply.refused(refusal);
    bytes = message.payload.byteLength;
  }
  parts.deliver(namespace, id, { message, inbox: null, reply: entrance.reply(bytes, reply) });
}

/**
 * Signals that the actor's code has not read and that stand before one of this name. One that it waits for is read at
 * once: refused for the others, which no code may ever read, it could not go on.
 */
function unreadBefore({ state, coroutine }: Actor, name: string): number {
  if (state.unreadSignals === 0 || coroutine.handlers.signals.has(name) || state.waiterFor(name)) return 0;
  return state.unreadSignals;
}

/** Takes a start in, or refuses it where there is too much in hand. */
export function enterStart<T>(
  parts: EngineParts,
  request: StartRequest,
  begin: () => Promise<T>,
  message?: MessageOfStart,
): Promise<T> {
  const refusal = refusalOfStart(parts, request);
  if (refusal) return Promise.reject(refusal);
  const bytes = (request.input?.byteLength ?? 0) + (message?.payload.byteLength ?? 0);
  return parts.entrance.hold(bytes, begin()).catch(rethrowSilence);
}

/** Why this node takes no start now, if it does not. */
export function refusalOfStart(parts: EngineParts, { id }: StartRequest): DfnsError | null {
  if (!parts.stopping && !parts.draining) return parts.entrance.refusal('start', id, 0);
  parts.metering?.rejected('stopping');
  return stopping();
}

/** UNAVAILABLE where an answer from memory may be out of date: the execution may be another node's by now. */
export function assertServes(parts: EngineParts, namespace: string, id: string): void {
  if (parts.stopping) throw stopping();
  if (!parts.options.serves(shardOf(namespace, id, parts.options.shards))) throw unavailable();
}

/** For the end of a call: what the store did to it, in words for who called. */
export function rethrowSilence(error: unknown): never {
  throw storeSilent(error);
}
