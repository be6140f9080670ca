import type { RunRow } from '../../execution/execution.ts';
import type { Status } from '../../execution/status.ts';
import type { Millis } from '../../time/duration.ts';

/** Which executions are over for good: those whose last run ended so, and before that time by the engine's clock. */
export interface RetentionRule {
  /** null: of workflows that no other rule names. */
  readonly workflow: string | null;
  readonly status: Status;
  readonly closedBefore: Millis;
}

/** The last run of an execution that was deleted since its time is over. */
export type Retired = Pick<
  RunRow,
  'first' | 'namespace' | 'id' | 'runId' | 'workflow' | 'version' | 'startedAt' | 'attributes' | 'status' | 'turns'
>;

/** The rules that speak of a workflow. */
export function rulesFor(workflow: string, rules: readonly RetentionRule[]): readonly RetentionRule[] {
  const named = rules.filter(rule => rule.workflow === workflow);
  return named.length > 0 ? named : rules.filter(rule => rule.workflow === null);
}
