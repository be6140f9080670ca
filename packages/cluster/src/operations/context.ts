import type { AnyTask } from '@dfnsjs/actor-core';
import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Chance, Membership, NodeReport } from '@dfnsjs/actor-core/ports';
import type { Cursors } from '../events/cursors.ts';
import type { EventFeed } from '../events/event-feed.ts';
import type { CallersStore } from '../shards/callers-store.ts';
import type { Persistence } from '../shards/persistence.ts';
import type { Router } from '../routing/router.ts';
import type { Door } from './door.ts';

/** What the operations of a node work with. */
export interface OperationContext {
  readonly router: Router;
  readonly store: CallersStore;
  readonly door: Door;
  readonly workflows: WorkflowRegistry;
  readonly chance: Chance;
  /** Waits, until the node stops. */
  readonly persistence: Persistence;
  /** What changes, here and at other nodes. */
  readonly feed: EventFeed;
  readonly cursors: Cursors;
  /** The incarnation of this node. */
  node(): string;
  /** What this node tells of itself now. */
  report(): NodeReport;
  /** Who lives, as it was read last; null where there is one node alone. */
  membership(): Membership | null;
  /** Fingerprint of the user code. */
  readonly build: string;
  /** Of dfns. */
  readonly version: string | undefined;
  /** That the node was given. */
  readonly tasks: readonly AnyTask[];
  /** Number of shards of the store. */
  readonly shards: number;
  now(): number;
}
