import type { Actor } from '../actor/actor.ts';
import { DfnsError } from '../errors/dfns-error.ts';
import { isOpen } from '../execution/status.ts';
import { encodeError } from '../payload/error-payload.ts';
import type { SendPending } from '../state/pending.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import type { EngineParts } from './parts.ts';
import { sentRow, stamp } from './stamp.ts';

const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 5_000;

/**
 * Finds the receiver of a signal to another execution and brings the sender the message with which its row is written.
 * One after the other for each sender, so that its messages keep their order.
 */
export function sendNext(parts: EngineParts, actor: Actor, send: SendPending): void {
  actor.sending.push(send);
  if (actor.sending.length === 1) void sendAll(parts, actor);
}

async function sendAll(parts: EngineParts, actor: Actor): Promise<void> {
  let retryMs = FIRST_RETRY_MS;
  while (actor.sending.length > 0 && !actor.dropped && !parts.stopping) {
    const send = actor.sending[0]!;
    if (!actor.state.pending.has(send.n)) {
      actor.sending.shift();
      continue;
    }
    const { namespace } = actor.state.run;
    let error: DfnsError | null = null;
    try {
      const run = await parts.options.store.current(namespace, send.id);
      if (!run) error = new DfnsError('NOT_FOUND', `There is no execution "${send.id}" in namespace "${namespace}".`);
      else if (!isOpen(run.status)) error = new DfnsError('CLOSED', `The execution "${send.id}" has ended.`);
      else send.receiver = { first: run.first, shard: run.shard };
    } catch (failure) {
      parts.options.log.write('warn', 'looking up the receiver of a signal failed', {
        error: failure instanceof Error ? failure.message : String(failure),
        retryMs,
      });
      const { clock } = parts.options;
      await new Promise<void>(resolve => clock.setTimer(clock.now() + retryMs, resolve));
      retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
      continue;
    }
    retryMs = FIRST_RETRY_MS;
    actor.sending.shift();
    if (actor.dropped) return;
    actor.mailbox.put({
      message: { kind: 'sent', at: 0, command: send.n, error: error ? encodeError(error) : null },
      inbox: null,
      reply: null,
    });
    parts.ready(actor);
  }
}

/** The row of a signal whose receiver was found, as the sender's turn writes it. */
export function sendRow(parts: EngineParts, actor: Actor, command: number, number: number): InboxRow {
  const { run, pending } = actor.state;
  const send = pending.get(command);
  if (send?.kind !== 'send' || !send.receiver) throw new DfnsError('INTERNAL', `Command ${command} sends nothing.`);
  const { receiver, name, payload } = send;
  const now = parts.options.clock.now();
  const owned = parts.owned.get(receiver.shard);
  // Whatever the clocks of the nodes say on which it was before: rows are read in the order of these, some at a time.
  const least = Math.max(now, actor.state.lastAccepted);
  const accepted = owned ? stamp(owned, least) : Math.floor(least);
  const signal = { kind: 'signal', at: now, id: null, sender: run.first, number, name, payload } as const;
  return sentRow(run, number, receiver, accepted, signal);
}
