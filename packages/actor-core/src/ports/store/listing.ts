import type { RunRow } from '../../execution/execution.ts';

/** A run as lists show it. */
export type ListedRun = Omit<RunRow, 'input' | 'output' | 'carry' | 'headers'>;

/** How many rows a filter finds. */
export interface Counted {
  readonly count: number;
  readonly byStatus: ReadonlyMap<string, number>;
  readonly byWorkflow: ReadonlyMap<string, number>;
  /** True where counting stopped at the bound. */
  readonly capped: boolean;
}
