import { DfnsError, type AttributeValue } from '@dfnsjs/actor-core';
import { nearest, parseDuration, parseInstant, STATUSES, type Status } from '@dfnsjs/actor-core/values';
import { readAttribute } from './attribute-text.ts';
import type { ExecutionFilter, ListedExecution } from './executions.ts';
import type { Term, TermValue } from './filter-terms.ts';

/** What the store finds by itself. */
export type Indexed = Partial<Omit<ExecutionFilter, 'namespace' | 'q'>>;

/** A term as it is looked for. */
export interface Condition {
  /** Whether it is so of an execution. */
  readonly holds: (execution: ListedExecution) => boolean;
  /** What must be so as well; absent where the store has no index for it. */
  readonly indexed?: Indexed | undefined;
  /** `indexed` says all that the term does. */
  readonly isExact?: boolean | undefined;
}

type Texts = (execution: ListedExecution) => readonly (string | undefined)[];
type Numbers = (execution: ListedExecution, now: number) => readonly (number | undefined)[];

/** Fields that are text, or several: it holds if it holds of one. */
const TEXTS = new Map<string, Texts>([
  ['status', ({ status, held }) => [status, held && 'held']],
  ['workflow', ({ workflow }) => [workflow]],
  ['id', ({ id }) => [id]],
  ['run', ({ runId }) => [runId]],
  ['error', ({ lastError, waiting }) => [lastError, ...waiting.map(each => each.lastError)]],
  ['held', ({ held }) => [held?.code]],
  ['build', ({ build }) => [build]],
  ['waiting', ({ waiting }) => waiting.flatMap(({ kind, name }) => [kind, name && `${kind}/${name}`])],
]);

/** Fields that are numbers; of several it holds if it holds of one. */
const NUMBERS = new Map<string, Numbers>([
  ['version', ({ version }) => [version]],
  ['attempt', ({ waiting }) => waiting.map(({ attempt }) => attempt)],
  ['turns', ({ turns }) => [turns]],
  ['bytes', ({ bytes }) => [bytes]],
  ['started', ({ startedAt }) => [startedAt]],
  ['closed', ({ closedAt }) => [closedAt]],
  ['duration', ({ startedAt, closedAt }, now) => [(closedAt ?? now) - startedAt]],
]);
const TIMES = new Set(['started', 'closed']);
const ATTRIBUTE = 'attr.';
const STATES: readonly string[] = [...STATUSES, 'held'];

/** VALIDATION for a field that there is not, and a value or comparison that it does not take. */
export function conditionOf(term: Term, what: string, now: number): Condition {
  const { field, isNegated } = term;
  const texts = TEXTS.get(field);
  const numbers = NUMBERS.get(field);
  const condition = field.startsWith(ATTRIBUTE)
    ? ofAttribute(term, what)
    : texts
      ? ofText(term, texts, what)
      : numbers
        ? ofNumber(term, numbers, what, now)
        : unknownField(field, what);
  if (!isNegated) return condition;
  // Of what is not so only this has an index.
  const isNotHeld = field === 'held' && term.values.some(({ match }) => match === 'any');
  const holds = (execution: ListedExecution) => !condition.holds(execution);
  return isNotHeld ? { holds, indexed: { held: false }, isExact: true } : { holds };
}

function ofText(term: Term, texts: Texts, what: string): Condition {
  const { field, values } = term;
  if (term.operator !== ':') throw refused(term, what, `takes no ${term.operator}; it is ${field}:VALUE`);
  if (field === 'status') values.forEach(value => assertState(term, value, what));
  const holds = (execution: ListedExecution) => texts(execution).some(text => values.some(each => matches(each, text)));
  return { holds, ...indexOfText(field, values) };
}

function indexOfText(field: string, values: readonly TermValue[]): Omit<Condition, 'holds'> {
  const [{ match, text }] = values as [TermValue];
  const isOne = values.length === 1;
  if (field === 'workflow' && isOne && match === 'is') return { indexed: { workflow: text }, isExact: true };
  if (field === 'id' && isOne && (match === 'is' || match === 'begins')) {
    return { indexed: { idPrefix: text }, isExact: match === 'begins' };
  }
  if (field === 'held') return { indexed: { held: true }, isExact: values.some(value => value.match === 'any') };
  if (field !== 'status' || values.some(value => value.match !== 'is')) return {};
  const states = values.map(value => value.text);
  if (!states.includes('held')) return { indexed: { status: states as Status[] }, isExact: true };
  // What is held is running.
  if (states.length === 1) return { indexed: { held: true }, isExact: true };
  return { indexed: { status: [...new Set(states.map(state => (state === 'held' ? 'running' : state)))] as Status[] } };
}

function assertState(term: Term, { match, text }: TermValue, what: string): void {
  if (match !== 'is' || STATES.includes(text)) return;
  const near = nearest(text, STATES);
  throw refused(term, what, near ? `: did you mean ${near}?` : `must be one of ${STATES.join(', ')}`);
}

function ofNumber(term: Term, numbers: Numbers, what: string, now: number): Condition {
  const { field, operator, values } = term;
  if (operator === ':' && (TIMES.has(field) || field === 'duration')) {
    throw refused(term, what, `takes <, <=, > or >=, such as ${field}>${field === 'duration' ? '1h' : '-24h'}`);
  }
  const bounds = values.map(value => numberOf(term, value, what, now));
  const holds = (execution: ListedExecution) =>
    numbers(execution, now).some(
      number => number !== undefined && bounds.some(bound => compares(operator, number, bound)),
    );
  if (field !== 'started') return { holds };
  const [bound] = bounds as [number];
  // Times are whole milliseconds.
  const after = operator === '>' ? bound : operator === '>=' ? Math.ceil(bound) - 1 : undefined;
  const before = operator === '<' ? bound : Math.floor(bound) + 1;
  return { holds, indexed: after === undefined ? { startedBefore: before } : { startedAfter: after }, isExact: true };
}

function numberOf(term: Term, { match, text }: TermValue, what: string, now: number): number {
  if (match !== 'is') throw refused(term, what, 'takes numbers, without * and ~');
  const named = `${what}: ${term.field}`;
  if (term.field === 'duration') return parseDuration(text, named);
  if (TIMES.has(term.field))
    return text.startsWith('-') ? now - parseDuration(text.slice(1), named) : parseInstant(text, named);
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) throw refused(term, what, 'must be compared with a number');
  return number;
}

function ofAttribute(term: Term, what: string): Condition {
  const { operator, values, field } = term;
  const name = field.slice(ATTRIBUTE.length);
  if (name === '') throw refused(term, what, 'must name an attribute, such as attr.tier:gold');
  const given = values.map(value => ({ ...value, wanted: value.isQuoted ? value.text : readAttribute(value.text) }));
  const [{ wanted, match }] = given as [(typeof given)[number]];
  if (operator !== ':') {
    const bound = orderOf(wanted);
    if (bound === undefined) throw refused(term, what, 'can only compare with a number or an ISO time');
    return { holds: ({ attributes }) => isOrdered(operator, ownOf(attributes, name), bound, wanted) };
  }
  const holds = ({ attributes }: ListedExecution) => {
    const value = ownOf(attributes, name);
    return given.some(each =>
      each.match === 'is' ? isSame(value, each.wanted) : matches(each, value === undefined ? undefined : String(value)),
    );
  };
  if (given.length > 1 || match !== 'is') return { holds };
  const attributes = {};
  Object.defineProperty(attributes, name, { value: wanted, enumerable: true, configurable: true, writable: true });
  return { holds, indexed: { attributes }, isExact: true };
}

function ownOf(attributes: ListedExecution['attributes'], name: string): AttributeValue | undefined {
  return Object.hasOwn(attributes, name) ? attributes[name] : undefined;
}

function isSame(value: AttributeValue | undefined, wanted: AttributeValue): boolean {
  return value instanceof Date && wanted instanceof Date ? value.getTime() === wanted.getTime() : value === wanted;
}

function orderOf(value: AttributeValue | undefined): number | undefined {
  return value instanceof Date ? value.getTime() : typeof value === 'number' ? value : undefined;
}

/** A number is neither before nor after a time. */
function isOrdered(
  operator: Term['operator'],
  value: AttributeValue | undefined,
  bound: number,
  wanted: AttributeValue,
) {
  const order = orderOf(value);
  return order !== undefined && typeof value === typeof wanted && compares(operator, order, bound);
}

function compares(operator: Term['operator'], number: number, bound: number): boolean {
  switch (operator) {
    case ':':
      return number === bound;
    case '<':
      return number < bound;
    case '<=':
      return number <= bound;
    case '>':
      return number > bound;
    case '>=':
      return number >= bound;
  }
}

function matches({ match, text }: TermValue, value: string | undefined): boolean {
  if (value === undefined) return false;
  switch (match) {
    case 'any':
      return true;
    case 'is':
      return value === text;
    case 'begins':
      return value.startsWith(text);
    case 'contains':
      return value.toLowerCase().includes(text.toLowerCase());
  }
}

function unknownField(field: string, what: string): never {
  const names = [...TEXTS.keys(), ...NUMBERS.keys(), 'attr.NAME'];
  const near = nearest(field, names);
  const advice = near ? `Did you mean ${JSON.stringify(near)}?` : `Its fields are: ${names.join(', ')}.`;
  throw new DfnsError('VALIDATION', `There is no field ${JSON.stringify(field.slice(0, 60))} in ${what}. ${advice}`, {
    details: { field: 'q' },
  });
}

function refused({ source }: Term, what: string, why: string): DfnsError {
  const text = `${what}: ${JSON.stringify(source.slice(0, 60))}${why.startsWith(':') ? '' : ' '}${why}`;
  return new DfnsError('VALIDATION', text.endsWith('?') ? text : `${text}.`, { details: { field: 'q' } });
}
