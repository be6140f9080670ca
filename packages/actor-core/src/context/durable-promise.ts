/** What ctx calls return: a promise of something that the journal keeps, and that can be called off. */
export interface DurablePromise<T> extends Promise<T> {
  /** Rejects it with CancelledError if it is pending, and stops what is behind it. */
  cancel(reason?: string): void;
}
