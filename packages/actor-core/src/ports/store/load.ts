import type { RunRow } from '../../execution/execution.ts';
import type { JournalRow, SnapshotRow } from './commit.ts';
import type { InboxRow } from './inbox.ts';

/** Everything an activation reads, in one consistent view. Journal rows and snapshots may overlap: dedupe by seq. */
export interface LoadedRun {
  readonly run: RunRow;
  /** Ascending by seq. */
  readonly journal: readonly JournalRow[];
  /** Ascending by `from`. */
  readonly snapshots: readonly SnapshotRow[];
  /** Of the execution (`run.first`), ascending by (accepted, sender, number). */
  readonly inbox: readonly InboxRow[];
}
