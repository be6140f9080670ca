import type { Change } from '@dfnsjs/actor-core/ports';

/** Changes of one feed that follow on each other, as one node tells another. */
export interface ChangePage {
  /** Name of the feed. */
  readonly feed: string;
  /** The number of the first change, as it was asked for; null: it was asked only where the feed stands. */
  readonly from: number | null;
  /** The number that the next change of the feed gets. */
  readonly end: number;
  /** A null among them stands for what may have changed and is not known. null: what came after `from` is not kept. */
  readonly changes: readonly (Change | null)[] | null;
}
