import { isOpen, type MessageId, type Payload } from '@dfnsjs/actor-core/records';
import type { Histories } from '../invariants/history.ts';
import { Violation } from '../invariants/violation.ts';
import type { Laws } from './laws.ts';

/** A message of a client, over all its tries. */
export interface Sent {
  readonly mid: MessageId;
  readonly kind: 'signal' | 'update' | 'cancel' | 'terminate';
  readonly id: string;
  readonly name: string;
  readonly payload: Payload;
  tries: number;
  readonly incarnation: string;
  accepted: boolean;
  /** When it was sent first, and accepted first, in lines of the trace. */
  sentAt?: number;
  acceptedAt?: number;
  /** It was told for good that it is not taken. */
  refused: boolean;
  outcome: string | null;
}

/**
 * What clients sent to executions that are over was taken where they were told so, not where they were told otherwise,
 * and in order.
 *
 * @param alone there was one node
 */
export function assertAllTaken(sent: readonly Sent[], namespace: string, laws: Laws, alone: boolean): void {
  const { exactlyOnce, histories } = laws;
  for (const { mid, kind, id, accepted, refused, tries } of sent) {
    const taken = exactlyOnce.taken.get(mid);
    // Looked for at another node, it may find that its id is another execution's by now.
    // One that ended a run is not of the run that goes on from before that.
    const isOf = alone || (kind !== 'terminate' && isOfLast(histories, namespace, id, mid));
    if (refused && tries === 1 && taken !== undefined && isOf)
      throw new Violation('exactly-once', `${kind} ${mid} was refused, and yet taken.`);
    const run = histories.ofId(namespace, id).at(-1);
    if (accepted && taken === undefined && !(histories.accepted.has(mid) && run && !isOpen(run.row.status))) {
      throw new Violation('exactly-once', `${kind} ${mid} to "${id}" was accepted, and never taken.`);
    }
  }
  // A cancel and a terminate are never refused, and overtake what waits in the store for room.
  const taken = sent.flatMap(message => {
    const place = exactlyOnce.taken.get(message.mid);
    return message.tries > 1 || message.kind !== 'signal' || place === undefined ? [] : [{ message, place }];
  });
  if (alone) assertSendersOrder(taken);
  else assertCallersOrder(taken);
}

interface Taken {
  readonly message: Sent;
  /** In the order of all that was taken. */
  readonly place: number;
}

/** One node takes what one client sends in the order in which it came. */
function assertSendersOrder(taken: readonly Taken[]): void {
  const places = new Map<string, number>();
  for (const { message, place } of taken) {
    const sender = `${message.incarnation} ${message.id}`;
    if (place < (places.get(sender) ?? 0)) throw outOfOrder(message);
    places.set(sender, place);
  }
}

/** Several may take what is under way at one time in any order; but not before what was accepted before it was sent. */
function assertCallersOrder(taken: readonly Taken[]): void {
  for (const { message, place } of taken) {
    const { id, sentAt } = message;
    const before = taken.some(
      ({ message: { id: other, acceptedAt }, place: earlier }) =>
        other === id && acceptedAt !== undefined && acceptedAt < sentAt! && earlier > place,
    );
    if (before) throw outOfOrder(message);
  }
}

/** Whether the last execution of the id took the message. */
function isOfLast(histories: Histories, namespace: string, id: string, mid: MessageId): boolean {
  const runs = histories.ofId(namespace, id);
  const last = runs.at(-1)?.row.first;
  return runs.some(
    ({ row, turns }) =>
      row.first === last && turns.some(({ messages }) => messages.some(each => 'id' in each && each.id === mid)),
  );
}

function outOfOrder({ kind, mid, id }: Sent): Violation {
  return new Violation('exactly-once', `${kind} ${mid} to "${id}" was taken before one that was sent earlier.`);
}
