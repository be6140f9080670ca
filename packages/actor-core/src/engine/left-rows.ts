import type { Actor } from '../actor/actor.ts';
import type { DfnsError } from '../errors/dfns-error.ts';
import { decodeMessage } from '../journal/record.ts';
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
export function staysRow(parts: EngineParts, resident: Resident, key: InboxKey): boolean {
  const { actor } = resident;
  const waiting = actor && !actor.state.ending ? actor.mailbox.size : resident.mail.length;
  if (!resident.left && waiting < parts.entrance.bounds.mailbox) return false;
  leaveRow(resident, key);
  if (actor && !actor.onRoom) readWhenRoom(parts, resident, actor);
  return true;
}

/** From here on the resident's rows are read from the store. */
export function leaveRow(resident: Resident, key: InboxKey): void {
  const { from } = (resident.left ??= { from: new Map(), reading: false });
  const known = from.get(key.receiver);
  if (!known || precedes(key, known)) from.set(key.receiver, key);
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

async function readLeft(parts: EngineParts, resident: Resident): Promise<void> {
  const { left } = resident;
  const [from] = left?.from.values() ?? [];
  if (!left || !from || left.reading) return;
  left.reading = true;
  // What is left from here on may come too late for this reading.
  left.from.delete(from.receiver);
  const limit = Math.min(PAGE, Math.max(1, parts.entrance.bounds.mailbox >> 1));
  const rows = await readPage(parts, resident, from, limit);
  left.reading = false;
  const { actor } = resident;
  // Whoever has it in memory next reads its rows itself, or goes on here as its next run.
  if (!rows || resident.left !== left || !actor || actor.state.ending) return leaveRow(resident, from);
  // A row that was left meanwhile comes before those behind it, also where it came too late for this reading.
  const missed = left.from.get(from.receiver);
  const own = rows.filter(row => row.receiver === from.receiver && (!missed || precedes(row, missed)));
  for (const row of own) {
    try {
      actor.mailbox.put({ message: decodeMessage(row.message), inbox: row, reply: null });
    } catch (error) {
      actor.coroutine.fault = error as DfnsError;
      return;
    }
  }
  const last = own.at(-1);
  if (last && own.length === limit) leaveRow(resident, { ...last, number: last.number + 1 });
  if (left.from.size > 0) actor.onRoom?.();
  else {
    resident.left = null;
    actor.onRoom = null;
  }
  parts.ready(actor);
}

/** Rows of a shard from `from` on, tried until the store answers; undefined: the node stops. */
async function readPage(
  parts: EngineParts,
  resident: Resident,
  from: InboxKey,
  limit: number,
): Promise<readonly InboxRow[] | undefined> {
  const { store, log, clock } = parts.options;
  while (!parts.stopping) {
    try {
      const after = { ...from, number: from.number - 1 };
      return await store.inbox([{ shard: resident.shard, after }], limit);
    } catch (error) {
      log.write('warn', 'messages that met a full mailbox could not be read; it is tried again', {
        executionId: resident.id,
        error: error instanceof Error ? error.message : String(error),
      });
      await new Promise<void>(resolve => clock.setTimer(clock.now() + RETRY_MS, resolve));
    }
  }
  return undefined;
}

/** In the order of a receiver's rows. */
function precedes(a: InboxKey, b: InboxKey): boolean {
  return (a.accepted - b.accepted || a.sender - b.sender || a.number - b.number) < 0;
}
