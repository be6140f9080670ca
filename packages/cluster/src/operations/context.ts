import type { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Chance, Store } from '@dfnsjs/actor-core/ports';
import type { Router } from '../routing/router.ts';
import type { Door } from './door.ts';

/** What the operations of a node work with. */
export interface OperationContext {
  readonly router: Router;
  readonly store: Store;
  readonly door: Door;
  readonly workflows: WorkflowRegistry;
  readonly chance: Chance;
  /** Names this node in descriptions. */
  readonly node: string;
}
