import { parseName } from '../ids/name.ts';
import { readOptions } from '../options/known-options.ts';
import {
  type TaskPolicy,
  type TaskPolicyOptions,
  DEFAULT_TASK_POLICY,
  TASK_POLICY_NAMES,
  parseTaskPolicy,
} from '../options/task-policy.ts';

/** Options of one `ctx.run` or `ctx.step`; they change the task's own. */
export interface RunOptions extends TaskPolicyOptions {
  /** Shown to people beside the task's name, 1 to 128 bytes. */
  readonly label?: string | undefined;
}

export interface ParsedRun {
  readonly policy: TaskPolicy;
  readonly label: string | undefined;
}

const NAMES = ['label', ...TASK_POLICY_NAMES] as const;

/** `base` is the policy of the task that is run; a step has none of its own. */
export function parseRun(value: unknown, what: string, base: TaskPolicy = DEFAULT_TASK_POLICY): ParsedRun {
  if (value === undefined) return { policy: base, label: undefined };
  const given = readOptions(value, what, NAMES);
  return {
    policy: parseTaskPolicy(given, what, base),
    label: given.label === undefined ? undefined : parseName(given.label, `label of ${what}`),
  };
}
