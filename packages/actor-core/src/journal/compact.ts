import { BOUNDS } from '../bounds.ts';
import type { JournalRow } from './rows.ts';

/**
 * The rows to fold into a snapshot: the oldest, up to a bound of bytes, never the last, which tells writers where the
 * journal ends. Empty where there are too few for it to pay.
 */
export function rowsToFold(journal: readonly JournalRow[]): readonly JournalRow[] {
  if (journal.length <= BOUNDS.foldRows) return [];
  let bytes = 0;
  let end = 0;
  while (end < journal.length - 1 && (end === 0 || bytes + journal[end]!.turn.byteLength <= BOUNDS.foldBytes)) {
    bytes += journal[end++]!.turn.byteLength;
  }
  return journal.slice(0, end);
}
