import type { AttributeValue, Instant } from '@dfnsjs/actor-core';
import { DfnsError } from '@dfnsjs/actor-core';
import {
  parseInstant,
  parseName,
  readAttributeChanges,
  readOptions,
  STATUSES,
  type Status,
} from '@dfnsjs/actor-core/values';
import type { ExecutionFilter } from './operations/executions.ts';
import { readFilterText } from './operations/filter-text.ts';

/** Which executions a list or count is about: those of which all parts hold. */
export interface Filter {
  readonly workflow?: string | { readonly name: string } | undefined;
  readonly status?: Status | readonly Status[] | undefined;
  /** Only held ones, or only others. */
  readonly held?: boolean | undefined;
  readonly attributes?: Readonly<Record<string, AttributeValue>> | undefined;
  readonly idPrefix?: string | undefined;
  readonly startedAfter?: Instant | undefined;
  readonly startedBefore?: Instant | undefined;
  /**
   * Terms that must hold as well, such as `status:failed,held workflow:order version<3 started>-24h -error:~ECONN`. Of
   * the fields status, workflow, id, started, held and attr.NAME the store has indexes; others (version, run, closed,
   * duration, attempt, error, waiting, build, turns, bytes) are looked for among what these leave.
   */
  readonly q?: string | undefined;
}

export const FILTER_NAMES = [
  'workflow',
  'status',
  'held',
  'attributes',
  'idPrefix',
  'startedAfter',
  'startedBefore',
  'q',
] as const;

type Given = { readonly [Name in (typeof FILTER_NAMES)[number]]?: unknown };

export function parseFilter(value: unknown, namespace: string, what: string): ExecutionFilter {
  return readFilter(readOptions(value, what, FILTER_NAMES), namespace, what);
}

export function readFilter(given: Given, namespace: string, what: string): ExecutionFilter {
  const { held, idPrefix, q } = given;
  if (held !== undefined && typeof held !== 'boolean') throw refused(`held of ${what} must be a boolean.`);
  if (idPrefix !== undefined && typeof idPrefix !== 'string') throw refused(`idPrefix of ${what} must be a string.`);
  if (q !== undefined && typeof q !== 'string') throw refused(`q of ${what} must be a string.`);
  // Here, so that a wrong term is told before anything is asked.
  readFilterText({ namespace, q }, 0, `q of ${what}`);
  return {
    namespace,
    q,
    workflow: given.workflow === undefined ? undefined : workflowName(given.workflow, what),
    status: given.status === undefined ? undefined : statuses(given.status, what),
    held,
    attributes: given.attributes === undefined ? undefined : attributes(given.attributes, what),
    idPrefix,
    startedAfter:
      given.startedAfter === undefined ? undefined : parseInstant(given.startedAfter, `startedAfter of ${what}`),
    startedBefore:
      given.startedBefore === undefined ? undefined : parseInstant(given.startedBefore, `startedBefore of ${what}`),
  };
}

function workflowName(value: unknown, what: string): string {
  const name = typeof value === 'object' && value !== null && 'name' in value ? value.name : value;
  return parseName(name, `workflow of ${what}`);
}

function statuses(value: unknown, what: string): Status[] {
  const given: readonly unknown[] = Array.isArray(value) ? value : [value];
  return given.map(each => {
    const status = STATUSES.find(known => known === each);
    if (status === undefined) throw refused(`status of ${what} must be one of ${STATUSES.join(', ')}.`);
    return status;
  });
}

function attributes(value: unknown, what: string): Record<string, AttributeValue> {
  const wanted: Record<string, AttributeValue> = {};
  for (const [name, each] of readAttributeChanges(undefined, value, what)) {
    if (each === null) throw refused(`Attribute ${JSON.stringify(name)} of ${what} must have a value.`);
    Object.defineProperty(wanted, name, { value: each, enumerable: true, configurable: true, writable: true });
  }
  return wanted;
}

function refused(message: string): DfnsError {
  return new DfnsError('VALIDATION', message);
}
