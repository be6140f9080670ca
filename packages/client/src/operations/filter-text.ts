import type { ExecutionFilter, ListedExecution } from './executions.ts';
import { conditionOf, type Indexed } from './filter-fields.ts';
import { readTerms } from './filter-terms.ts';

/** A filter of which the store finds `indexed`, and the rest must be looked at. */
export interface ReadFilter {
  readonly indexed: Omit<ExecutionFilter, 'q'>;
  /** undefined: what the store finds is all of it. */
  readonly holds: ((execution: ListedExecution) => boolean) | undefined;
}

/**
 * A filter with its text `q`, such as `status:failed,held workflow:order version<3 started>-24h -error:~ECONN`: all
 * terms must hold, and the other parts of the filter too. Times such as -24h are before `now`. VALIDATION says what is
 * wrong with which term; `what` names the text.
 */
export function readFilterText({ q, ...filter }: ExecutionFilter, now: number, what: string): ReadFilter {
  const indexed: { -readonly [Part in keyof ExecutionFilter]: ExecutionFilter[Part] } = { ...filter };
  const rest: ((execution: ListedExecution) => boolean)[] = [];
  for (const term of readTerms(q ?? '', what)) {
    const condition = conditionOf(term, what, now);
    const isTaken = condition.indexed && take(indexed, condition.indexed);
    if (!isTaken || !condition.isExact) rest.push(condition.holds);
  }
  return { indexed, holds: rest.length === 0 ? undefined : execution => rest.every(holds => holds(execution)) };
}

/** Whether the parts found room in the filter: of each there is one. */
function take(filter: Indexed, parts: Indexed): boolean {
  const { attributes, ...others } = parts;
  const names = Object.keys(others) as (keyof typeof others)[];
  const known = filter.attributes ?? {};
  if (names.some(name => filter[name] !== undefined)) return false;
  if (attributes && Object.keys(attributes).some(name => Object.hasOwn(known, name))) return false;
  Object.assign(filter, others);
  if (attributes) {
    const both = Object.defineProperties({}, Object.getOwnPropertyDescriptors(known));
    filter.attributes = Object.defineProperties(both, Object.getOwnPropertyDescriptors(attributes));
  }
  return true;
}
