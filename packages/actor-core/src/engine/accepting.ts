import { refuseAll } from '../actor/actor.ts';
import type { Delivery } from '../actor/mailbox.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import { unavailable } from './answers.ts';
import type { WriteVerdict } from './committer.ts';
import type { EngineParts } from './parts.ts';
import type { Resident } from './residents.ts';
import { acceptedRow } from './stamp.ts';

type HeldRun = NonNullable<Resident['held']>;

/** Rows of one write, so that it stays far below what a batch may hold. */
const ROWS = 500;
const BYTES = 256 * 1024;

/**
 * Makes a client's message to a held execution a row. Writes for one run share no batch: what comes while one is under way
 * becomes rows together, in the next.
 */
export function accept(parts: EngineParts, resident: Resident, delivery: Delivery): void {
  const isUnderWay = resident.accepting.size > resident.toAccept.length;
  resident.accepting.add(delivery);
  resident.toAccept.push(delivery);
  if (!isUnderWay) writeSome(parts, resident, resident.held!);
}

/** Sends all that waits for its write, before another one for the run. */
export function acceptAllNow(parts: EngineParts, resident: Resident): void {
  while (resident.toAccept.length > 0) writeSome(parts, resident, resident.held!);
}

function writeSome(parts: EngineParts, resident: Resident, held: HeldRun): void {
  const { namespace, id, shard, toAccept } = resident;
  const owned = parts.owned.get(shard);
  if (!owned) return refuse(resident, toAccept.splice(0));
  const rows: InboxRow[] = [];
  let bytes = 0;
  const now = parts.options.clock.now();
  while (rows.length < toAccept.length && rows.length < ROWS && bytes < BYTES) {
    const row = acceptedRow(owned, held.first, toAccept[rows.length]!.message, now);
    rows.push(row);
    bytes += row.message.byteLength;
  }
  const some = toAccept.splice(0, rows.length);
  parts.committer.write(
    namespace,
    { shard: owned.shard, epoch: owned.epoch, eid: held.eid, prevSeq: held.seq, accepts: rows },
    (verdict: WriteVerdict): void => {
      if (verdict.kind !== 'done') {
        refuse(resident, [...some, ...toAccept.splice(0)]);
        return parts.lost(resident, verdict);
      }
      const isNext = toAccept.length > 0 && resident.accepting.size === some.length + toAccept.length;
      if (isNext) writeSome(parts, resident, held);
      endAccepting(resident, some);
      for (const [i, { message, reply }] of some.entries()) {
        reply?.accepted(held.held);
        // If it has healed meanwhile it read its inbox before the row was there.
        parts.deliver(namespace, id, { message, inbox: rows[i]!, reply: null });
      }
    },
  );
  parts.committer.flush();
}

/** Nothing of it is a row, or nobody knows. */
function refuse(resident: Resident, mail: readonly Delivery[]): void {
  endAccepting(resident, mail);
  refuseAll(mail, unavailable());
}

/** They are on their way no more. */
export function endAccepting(resident: Resident, mail: readonly Delivery[]): void {
  for (const delivery of mail) resident.accepting.delete(delivery);
  if (resident.accepting.size === 0) for (const accepted of resident.accepted.splice(0)) accepted();
}
