import type { Eid } from '../ids/ids.ts';
import type { InboxRow } from '../ports/store/inbox.ts';
import type { EngineParts, OwnedShard } from './parts.ts';

/** Of one receiver, in one write: a store deletes so many well within its deadline, and others wait no longer. */
const ROWS_AT_ONCE = 1_000;

/** Whose rows nobody will take: a deleted execution, or one that has ended. */
export interface LostReceiver {
  readonly namespace: string;
  /** Of its newest run, and that one's last turn; of a deleted one its own number, and 0. */
  readonly eid: Eid;
  readonly prevSeq: number;
}

/** Deletes rows whose one receiver was deleted. It has neither a run nor a journal, and will never have. */
export function dropRows(parts: EngineParts, rows: readonly InboxRow[]): void {
  const [first] = rows;
  if (first) dropRowsOf(parts, { namespace: '', eid: first.receiver, prevSeq: 0 }, rows);
}

/** Deletes rows of one receiver, some at a time. What a refused write leaves is found again, by whoever reads the inbox. */
export function dropRowsOf(parts: EngineParts, receiver: LostReceiver, rows: readonly InboxRow[]): void {
  const [first] = rows;
  const owned = first && parts.owned.get(first.shard);
  if (!owned || owned.dropping.has(receiver.eid)) return;
  owned.dropping.add(receiver.eid);
  dropFrom(parts, owned, receiver, rows, 0);
}

function dropFrom(
  parts: EngineParts,
  owned: OwnedShard,
  receiver: LostReceiver,
  rows: readonly InboxRow[],
  from: number,
): void {
  const { namespace, ...of } = receiver;
  const { shard } = owned;
  const isOver = from >= rows.length || parts.stopping || parts.owned.get(shard) !== owned;
  if (isOver) return void owned.dropping.delete(receiver.eid);
  const takes = rows.slice(from, from + ROWS_AT_ONCE);
  parts.committer.write(namespace, { shard, epoch: owned.epoch, ...of, takes }, ({ kind }) => {
    dropFrom(parts, owned, receiver, rows, kind === 'done' ? from + ROWS_AT_ONCE : rows.length);
  });
  parts.committer.flush();
}
