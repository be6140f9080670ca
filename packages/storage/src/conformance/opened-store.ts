import type { Store } from '@dfnsjs/actor-core/ports';

/** A fresh, empty store for one case, and what a case may do to it. */
export interface OpenedStore {
  readonly store: Store;
  /** Lets this time pass on the store's clock. */
  readonly advance: (ms: number) => void | Promise<void>;
  /** Ends the store and opens what it has stored, as the next process would. */
  readonly reopen: () => Promise<Store>;
  /** Called at the end of a case, whatever its outcome. */
  readonly dispose: () => Promise<void>;
}

/** One thing that must hold of every driver. Rejects where it does not. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: (opened: OpenedStore) => Promise<void>;
}
