import type { Millis } from '../time/duration.ts';

/** One thing a running execution waits on, for people. */
export interface Waiting {
  readonly kind: 'task' | 'timer' | 'signal' | 'condition' | 'execution' | 'update';
  readonly name?: string;
  readonly attempt?: number;
  readonly lastError?: string;
  readonly nextAt?: Millis;
  readonly until?: Millis;
  readonly id?: string;
}
