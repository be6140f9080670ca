import type { Actor } from '../actor/actor.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import { decodeMessage } from '../journal/record.ts';
import type { Eid } from '../ids/ids.ts';
import type { InboxKey, InboxRow } from '../ports/store/inbox.ts';
import type { EngineParts } from './parts.ts';
import type { Resident } from './residents.ts';

/** Rows read at once. */
const PAGE = 1_000;
/** What waits besides when rows are read again: an actor recognises as many rows that come to it twice. */
const FEW_MESSAGES = 1_000;
const RETRY_MS = 250;

/**
 * Whether a stored message stays a row: the mailbox is full, or rows before it were left. It is read again when there is
 * room, in the order of the store, so that nothing is lost and no sender overtakes itself.
 */
export function staysRow(parts: EngineParts, resident: Resident, { receiver }: InboxKey): boolean {
  const { actor } = resident;
  const waiting = actor && !actor.state.ending ? actor.mailbox.size : resident.mail.length;
  if (!resident.left && waiting < parts.entrance.bounds.mailbox) return false;
  leaveRows(resident, receiver);
  if (actor && !actor.onRoom) readWhenRoom(parts, resident, actor);
  return true;
}

/** From here on what comes to this execution of the resident's id is read from the store. */
export function leaveRows(resident: Resident, receiver: Eid): void {
  const { of } = (resident.left ??= { of: new Set(), reading: false });
  of.add(receiver);
}

/** Reads what was left once the actor has few messages, a page at a time. */
export function readWhenRoom(parts: EngineParts, resident: Resident, actor: Actor): void {
  if (!resident.left) return;
  actor.onRoom = () => {
    const few = Math.min(FEW_MESSAGES, parts.entrance.bounds.mailbox >> 1);
    if (actor.mailbox.size <= few) void readLeft(parts, resident);
  };
  actor.onRoom();
}

/**
 * Every reading begins with the first row, though the actor may have that already: before those that were left others may
 * stand that have not come to it yet, and of two from one sender it must not find the second one alone.
 */
async function readLeft(parts: EngineParts, resident: Resident): Promise<void> {
  const { left } = resident;
  const [receiver] = left?.of ?? [];
  if (!left || receiver === undefined || left.reading) return;
  left.reading = true;
  // What is left from here on may come too late for this reading.
  left.of.delete(receiver);
  const most = Math.min(PAGE, Math.max(1, parts.entrance.bounds.mailbox >> 1));
  for (let limit = most + (resident.actor?.mailbox.size ?? 0); ; limit *= 2) {
    const rows = await readRows(parts, resident, receiver, limit);
    const { actor } = resident;
    if (!rows || resident.left !== left || !actor || actor.state.ending) {
      // Whoever has it in memory next reads its rows itself, or goes on here as its next run.
      left.reading = false;
      return leaveRows(resident, receiver);
    }
    const has = actor.rowsInHand();
    const fresh = rows.filter(row => !has(row));
    const isRest = rows.length < limit;
    if (fresh.length === 0 && !isRest) continue;
    left.reading = false;
    if (!isRest || fresh.length > most) left.of.add(receiver);
    return putRows(parts, resident, actor, fresh.slice(0, most));
  }
}

function putRows(parts: EngineParts, resident: Resident, actor: Actor, rows: readonly InboxRow[]): void {
  for (const row of rows) {
    try {
      actor.mailbox.put({ message: decodeMessage(row.message), inbox: row, reply: null });
    } catch (error) {
      actor.coroutine.fault = error as DfnsError;
      return;
    }
  }
  if (resident.left!.of.size > 0) actor.onRoom?.();
  else {
    resident.left = null;
    actor.onRoom = null;
  }
  parts.ready(actor);
}

/** The receiver's first rows, tried until the store answers; undefined: the node stops. */
async function readRows(
  parts: EngineParts,
  { shard, id }: Resident,
  receiver: Eid,
  limit: number,
): Promise<readonly InboxRow[] | undefined> {
  const { store, log, clock } = parts.options;
  const after = { shard, receiver, accepted: -1, sender: 0, number: 0 } as const;
  while (!parts.stopping) {
    try {
      const rows = await store.inbox([{ shard, after }], limit);
      return rows.filter(row => row.receiver === receiver);
    } catch (error) {
      log.write('warn', 'messages that met a full mailbox could not be read; it is tried again', {
        executionId: id,
        error: error instanceof Error ? error.message : String(error),
      });
      await new Promise<void>(resolve => clock.setTimer(clock.now() + RETRY_MS, resolve));
    }
  }
  return undefined;
}
