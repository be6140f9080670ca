import type { Client } from '@dfnsjs/client';
import type { MetricsPage } from '@dfnsjs/telemetry';

/** A running node. The process stays alive until it is stopped. */
export interface DfnsNode {
  readonly client: Client;
  /** Where it is reached over HTTP, without a slash at the end; undefined if it is not. */
  readonly url: string | undefined;
  /** Fingerprint of the user code that it runs. */
  readonly build: string;
  /** What it counted, and of its process, as text for Prometheus. NOT_FOUND unless it was started with `metrics` or `http`. */
  metrics(): Promise<MetricsPage>;
  /**
   * Takes no more calls, lets running task bodies end for up to `drainTimeout`, then aborts them, and closes the store.
   * Executions go on where they are when a node is started on the store again. Calling it again waits for the same.
   */
  stop(): Promise<void>;
}
