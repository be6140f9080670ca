import { validation } from '../errors/dfns-error.ts';
import { BOUNDS } from '../bounds.ts';
import type { AttributeType } from '../execution/attributes.ts';
import { kindOf, parseChoice, readOptions } from '../options/known-options.ts';
import { type WorkflowTimeouts, parseTimeout } from '../options/timeouts.ts';
import { parseVersion } from '../options/version.ts';
import { parseDuration } from '../time/duration.ts';
import { type AttributeTypes, readAttributeTypes } from './attribute-types.ts';
import { readDefinitionName } from './definition-name.ts';
import type { AnyQuery } from './query.ts';
import { parseRetention, type Retention, type RetentionOption } from './retention.ts';
import { type Schema, readSchema } from './schema.ts';
import type { AnySignal } from './signal.ts';
import { type FailureSchemas, type NoFailures, readFailures } from './typed-failure.ts';
import type { AnyUpdate } from './update.ts';

/** What becomes of an execution whose function throws: it fails, or it is held until `retry`. */
export type ErrorVerdict = 'fail' | 'hold';

/** What is said of a workflow beside its function. */
export interface WorkflowOptions<
  Input,
  Parsed,
  Result,
  Output,
  Failures,
  FailureInputs,
  Signals extends AnySignal,
  Queries extends AnyQuery,
  Updates extends AnyUpdate,
  Attributes extends AttributeTypes,
> extends WorkflowTimeouts {
  /** 1 to 128 bytes. */
  readonly name: string;
  /** An integer from 1, the default. An open execution stays on its version. */
  readonly version?: number | undefined;
  /** Parsed once, where the execution is started. */
  readonly input?: Schema<Input, Parsed> | undefined;
  /** Parses what the function returns. */
  readonly output?: Schema<Result, Output> | undefined;
  /** Declared: typed on handles, checked where they are sent. */
  readonly signals?: readonly Signals[] | undefined;
  readonly queries?: readonly Queries[] | undefined;
  readonly updates?: readonly Updates[] | undefined;
  /** Failures that callers can tell apart, each with a schema for its data. */
  readonly errors?: FailureSchemas<Failures, FailureInputs> | undefined;
  /** Default 'fail'. */
  readonly onError?: ErrorVerdict | ((error: unknown) => ErrorVerdict) | undefined;
  /** Search attributes and their types. Without them any may be set. */
  readonly attributes?: Attributes | undefined;
  /** How long its executions are kept after their end, at least a day. Default: as the node's `retention` says. */
  readonly retention?: RetentionOption | undefined;
}

/** A workflow without its function, whatever its types. */
export interface AnyWorkflowReference {
  readonly kind: 'workflow';
  readonly name: string;
  readonly version: number;
  readonly inputSchema: Schema | undefined;
  readonly outputSchema: Schema | undefined;
  readonly signals: ReadonlyMap<string, AnySignal>;
  readonly queries: ReadonlyMap<string, AnyQuery>;
  readonly updates: ReadonlyMap<string, AnyUpdate>;
  readonly errors: ReadonlyMap<string, Schema>;
  readonly attributes: ReadonlyMap<string, AttributeType> | undefined;
  readonly onError: (error: unknown) => ErrorVerdict;
  readonly timeoutMs: number | undefined;
  readonly runTimeoutMs: number | undefined;
  readonly cleanupTimeoutMs: number;
  readonly retention: Retention | undefined;
}

/** What is known of a workflow without its function: enough to start it, to talk to it and to name it. */
export interface WorkflowReference<
  in Input,
  out Output,
  out Failures = NoFailures,
  out Signals extends AnySignal = AnySignal,
  out Queries extends AnyQuery = AnyQuery,
  out Updates extends AnyUpdate = AnyUpdate,
  out Attributes extends AttributeTypes = AttributeTypes,
> extends AnyWorkflowReference {
  readonly '~types'?: {
    readonly input: (input: Input) => void;
    readonly output: Output;
    readonly failures: Failures;
    readonly signals: Signals;
    readonly queries: Queries;
    readonly updates: Updates;
    readonly attributes: Attributes;
  };
}

type Declared<Part extends string, Type> = { readonly '~types'?: { readonly [P in Part]: Type } | undefined };

/** The signals that a workflow declares; any if it declares none. Likewise `QueriesOf` and `UpdatesOf`. */
export type SignalsOf<Workflow> =
  Workflow extends Declared<'signals', infer Signals extends AnySignal> ? Signals : AnySignal;
/** The queries that a workflow declares; of one that declares none, any. */
export type QueriesOf<Workflow> =
  Workflow extends Declared<'queries', infer Queries extends AnyQuery> ? Queries : AnyQuery;
/** The updates that a workflow declares; of one that declares none, any. */
export type UpdatesOf<Workflow> =
  Workflow extends Declared<'updates', infer Updates extends AnyUpdate> ? Updates : AnyUpdate;
/** The types of the search attributes that a workflow declares. */
export type AttributesOf<Workflow> =
  Workflow extends Declared<'attributes', infer Attributes extends AttributeTypes> ? Attributes : AttributeTypes;

const NAMES = [
  'name',
  'version',
  'input',
  'output',
  'signals',
  'queries',
  'updates',
  'errors',
  'onError',
  'attributes',
  'timeout',
  'runTimeout',
  'cleanupTimeout',
  'retention',
] as const;

export function parseWorkflow(options: unknown): AnyWorkflowReference {
  const name = readDefinitionName(options, 'workflow');
  const what = `workflow ${JSON.stringify(name)}`;
  const given = readOptions(options, what, NAMES);
  return {
    kind: 'workflow',
    name,
    version: given.version === undefined ? 1 : parseVersion(given.version, `version of ${what}`),
    inputSchema: readSchema(given.input, `input of ${what}`),
    outputSchema: readSchema(given.output, `output of ${what}`),
    signals: readDeclared<AnySignal>(given.signals, 'signal', `signals of ${what}`),
    queries: readDeclared<AnyQuery>(given.queries, 'query', `queries of ${what}`),
    updates: readDeclared<AnyUpdate>(given.updates, 'update', `updates of ${what}`),
    errors: readFailures(given.errors, what),
    attributes: readAttributeTypes(given.attributes, what),
    onError: readOnError(given.onError, what),
    timeoutMs: parseTimeout(given.timeout, `timeout of ${what}`),
    runTimeoutMs: parseTimeout(given.runTimeout, `runTimeout of ${what}`),
    cleanupTimeoutMs:
      given.cleanupTimeout === undefined
        ? BOUNDS.cleanupMs
        : parseDuration(given.cleanupTimeout, `cleanupTimeout of ${what}`),
    retention: given.retention === undefined ? undefined : parseRetention(given.retention, `retention of ${what}`),
  };
}

function readDeclared<Message extends { readonly kind: string; readonly name: string }>(
  value: unknown,
  kind: Message['kind'],
  what: string,
): ReadonlyMap<string, Message> {
  const declared = new Map<string, Message>();
  if (value === undefined) return declared;
  if (!Array.isArray(value)) throw validation(`${what} must be an array, got ${kindOf(value)}.`);
  for (const message of value as readonly unknown[]) {
    if (!isOfKind<Message>(message, kind))
      throw validation(`${what} must hold what ${kind}(…) returns, got ${kindOf(message)}.`);
    if (declared.has(message.name)) throw validation(`${what}: ${JSON.stringify(message.name)} is there twice.`);
    declared.set(message.name, message);
  }
  return declared;
}

function isOfKind<Message extends { readonly kind: string }>(value: unknown, kind: Message['kind']): value is Message {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function readOnError(value: unknown, what: string): (error: unknown) => ErrorVerdict {
  const option = `onError of ${what}`;
  if (typeof value === 'function') {
    const decide = value as (error: unknown) => unknown;
    return error => parseChoice(decide(error), `What ${option} returns`, VERDICTS);
  }
  const verdict = parseChoice(value ?? 'fail', option, VERDICTS);
  return () => verdict;
}

const VERDICTS: readonly ErrorVerdict[] = ['fail', 'hold'];
