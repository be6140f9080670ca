/** One Turn, encoded. */
export interface JournalRow {
  readonly seq: number;
  readonly turn: Uint8Array;
}

/** Journal rows `from`..`to` folded into one; the store deletes those rows in the same commit. */
export interface SnapshotRow {
  readonly from: number;
  readonly to: number;
  /** The turns' bytes, packed by the engine. */
  readonly turns: Uint8Array;
}
