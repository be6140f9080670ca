import type { InboxRow } from '../ports/store/inbox.ts';
import type { EngineParts } from './parts.ts';

/** Deletes rows whose one receiver was deleted. It has neither a run nor a journal, and will never have. */
export function dropRows(parts: EngineParts, rows: readonly InboxRow[]): void {
  const [first] = rows;
  const owned = first && parts.owned.get(first.shard);
  if (!owned || parts.stopping) return;
  const { shard, receiver } = first;
  // Where the write is refused the rows are found again.
  parts.committer.write('', { shard, epoch: owned.epoch, eid: receiver, prevSeq: 0, takes: rows }, () => undefined);
  parts.committer.flush();
}
