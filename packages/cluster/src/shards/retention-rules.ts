import type { Retention, WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { RetentionRule } from '@dfnsjs/actor-core/ports';
import type { Millis } from '@dfnsjs/actor-core/records';

/**
 * What is over by now. The newest version of a workflow speaks for all; for what it does not say, and for workflows that
 * no node knows, `otherwise` does.
 *
 * @param elsewhere names of workflows that other nodes have: of those that are not here only they know what is over
 */
export function retentionRules(
  workflows: WorkflowRegistry,
  otherwise: Retention | undefined,
  now: Millis,
  elsewhere: Iterable<string> = [],
): readonly RetentionRule[] {
  const rules = rulesOf(null, otherwise, now);
  for (const workflow of new Set(elsewhere)) {
    // A workflow that a rule names is left alone by those for all.
    if (!workflows.latest(workflow)) rules.push({ workflow, status: 'completed', closedBefore: 0 });
  }
  for (const name of workflows.names()) {
    const own = workflows.latest(name)?.retention;
    if (own) rules.push(...rulesOf(name, new Map([...(otherwise ?? []), ...own]), now));
  }
  return rules;
}

function rulesOf(workflow: string | null, retention: Retention | undefined, now: Millis): RetentionRule[] {
  return [...(retention ?? [])].map(([status, ms]) => ({ workflow, status, closedBefore: now - ms }));
}
