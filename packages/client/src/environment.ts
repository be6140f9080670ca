import type { Chance, Clock } from '@dfnsjs/actor-core/ports';
import type { ClientMiddleware } from './middleware/index.ts';
import type { Operations } from './operations/operations.ts';

/** What a client works with. */
export interface ClientEnvironment {
  readonly operations: Operations;
  readonly namespace: string;
  /** Around its calls, the first outermost. */
  readonly middleware?: readonly ClientMiddleware[] | undefined;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly chance: Pick<Chance, 'uuid'>;
}
