import { executionAsyncResource } from 'node:async_hooks';

let kept: object | undefined;

/**
 * Keeps what Node queues for one `process.nextTick`. V8 forgets the shape of such objects in a collection that finds none
 * of them alive, and from then on makes each of them by a slow path: six a request over HTTP, some 7 µs together.
 */
export function keepTickShape(): void {
  if (kept) return;
  process.nextTick(() => (kept = executionAsyncResource()));
}
