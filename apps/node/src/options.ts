import { DfnsError, type AnyTask, type AnyWorkflow, type Deps, type Duration } from '@dfnsjs/actor-core';
import { nearest, parseDuration, parseId } from '@dfnsjs/actor-core/records';
import type { Log, LogLevel, Store } from '@dfnsjs/actor-core/ports';
import type { TracerProvider } from '@dfnsjs/telemetry';
import { z } from 'zod';

/** How much a node says on standard error; or where its lines go. */
export type LogOption = LogLevel | 'silent' | Log;

export type MetricsOption = boolean | { readonly statsd?: string | undefined };

export interface NodeOptions {
  /** What this node runs. Two of one name and version are refused. */
  readonly workflows: readonly AnyWorkflow[];
  /** Tasks are found through the workflows that run them; listing them checks that no two have one name. */
  readonly tasks?: readonly AnyTask[] | undefined;
  /** `memory:`, `sqlite:PATH`, or an object that implements Store, used by this node alone. Default `memory:`. */
  readonly store?: string | Store | undefined;
  /** Given to tasks as `t.deps`. */
  readonly deps?: Deps | undefined;
  /** Names the user code. Default: a fingerprint of the workflows. */
  readonly build?: string | undefined;
  /** Of the client's executions. Default 'default'. */
  readonly namespace?: string | undefined;
  /** Actors stay in memory between messages. Default true; false puts them out at once. */
  readonly sticky?: boolean | undefined;
  /** Puts an actor out of memory that did nothing for so long. Default: none is, unless there are too many. */
  readonly passivateAfter?: Duration | undefined;
  /** Actors in memory; above it the longest idle are put out. Default 20,000. */
  readonly residents?: number | undefined;
  /** Fixed when the store is created. Default 16. */
  readonly shards?: number | undefined;
  /** Default 'info'. Lines of JSON where standard error is no terminal. */
  readonly log?: LogOption | undefined;
  /** Counts what the node does, for `node.metrics()`; `statsd: 'udp://HOST:PORT'` sends it there too. Default false. */
  readonly metrics?: MetricsOption | undefined;
  /**
   * Spans by OpenTelemetry: of this TracerProvider, or with true of the one that the program registered before. Default:
   * of that one if there is one; false: none.
   */
  readonly tracing?: boolean | TracerProvider | undefined;
  /** How long `stop` waits for running task bodies before it aborts them. Default 30 s. */
  readonly drainTimeout?: Duration | undefined;
}

export interface ParsedOptions {
  readonly workflows: readonly AnyWorkflow[];
  readonly tasks: readonly AnyTask[];
  readonly store: string | Store;
  readonly deps: Deps;
  readonly build: string | undefined;
  readonly namespace: string;
  readonly passivateAfterMs: number | undefined;
  readonly residents: number | undefined;
  readonly shards: number | undefined;
  readonly log: LogOption;
  readonly metrics: MetricsOption;
  readonly tracing: boolean | TracerProvider | undefined;
  readonly drainTimeoutMs: number;
}

const anObject = (value: unknown) => typeof value === 'object' && value !== null;
const duration = (name: string) => z.custom<Duration>().transform(value => parseDuration(value, name));
const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const schema = z.strictObject({
  workflows: z.array(z.custom<AnyWorkflow>(anObject, 'must be what workflow(…) returns')),
  tasks: z.array(z.custom<AnyTask>(isTask, 'must be what task(…) returns')).default([]),
  store: z
    .union([z.string(), z.custom<Store>(isStore)], 'must be a URL such as "sqlite:./app.db", or implement Store')
    .default('memory:'),
  deps: z.custom<Deps>(anObject, 'must be an object').default({}),
  build: z.string().min(1).optional(),
  namespace: z
    .custom<string>()
    .transform(value => parseId(value, 'namespace'))
    .default('default'),
  sticky: z.boolean().default(true),
  passivateAfter: duration('passivateAfter').optional(),
  residents: z.int().min(1).optional(),
  shards: z.int().min(1).max(4_096).optional(),
  log: z
    .union([z.enum(levels), z.custom<Log>(isLog)], `must be one of ${levels.join(', ')}, or implement Log`)
    .default('info'),
  metrics: z
    .union(
      [z.boolean(), z.strictObject({ statsd: z.string().optional() })],
      "must be a boolean, or { statsd: 'udp://…' }",
    )
    .default(false),
  tracing: z
    .union(
      [z.boolean(), z.custom<TracerProvider>(isTracerProvider)],
      'must be a boolean, or a TracerProvider of OpenTelemetry',
    )
    .optional(),
  drainTimeout: duration('drainTimeout').default(30_000),
});

/** An option that can be given as text: by flag or environment. */
export interface TextOption {
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'boolean' | 'list';
}

/** Code has no form in text. */
const CODE = ['workflows', 'tasks', 'deps'];

/** All options, and those of nested ones, that have a form in text. */
export function textOptions(): readonly TextOption[] {
  return Object.entries(schema.shape)
    .filter(([name]) => !CODE.includes(name))
    .flatMap(([name, type]) => asText([name], type));
}

/** Names of the options of `startNode`. */
export function optionNames(): readonly string[] {
  return Object.keys(schema.shape);
}

function asText(path: readonly string[], type: z.core.$ZodType): readonly TextOption[] {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault) return asText(path, type.def.innerType);
  if (type instanceof z.ZodPipe) return asText(path, type.def.in);
  if (type instanceof z.ZodObject) {
    return Object.entries(type.shape as z.core.$ZodShape).flatMap(([name, inner]) => asText([...path, name], inner));
  }
  if (type instanceof z.ZodUnion) {
    const options = type.options.flatMap(option => asText(path, option));
    const nested = options.filter(option => option.path.length > path.length);
    const own = options.filter(option => option.path.length === path.length);
    // What may be an object of the user's or a boolean has only the latter in text.
    const kind = own.some(option => option.kind === 'boolean') ? 'boolean' : 'text';
    return own.length > 0 ? [{ path, kind }, ...nested] : nested;
  }
  if (type instanceof z.ZodNumber) return [{ path, kind: 'number' }];
  if (type instanceof z.ZodBoolean) return [{ path, kind: 'boolean' }];
  return [{ path, kind: type instanceof z.ZodArray ? 'list' : 'text' }];
}

/** Options of the contract that this version does not have: they are refused as such, never ignored. */
const LATER = [
  'files',
  'transport',
  'http',
  'payloads',
  'middleware',
  'determinism',
  'onStall',
  'taskQueues',
  'queues',
  'limits',
  'limit',
];

/** VALIDATION names what is wrong, and the nearest option to one that does not exist. */
export function parseOptions(options: unknown): ParsedOptions {
  const { data, error } = schema.safeParse(options);
  if (error) throw refusal(error);
  const { sticky, passivateAfter, drainTimeout, ...rest } = data;
  if (!sticky && passivateAfter !== undefined) {
    throw validation('sticky: false puts actors out at once; leave passivateAfter out.', 'passivateAfter');
  }
  return {
    ...rest,
    build: rest.build,
    residents: rest.residents,
    shards: rest.shards,
    tracing: rest.tracing,
    passivateAfterMs: sticky ? passivateAfter : 0,
    drainTimeoutMs: drainTimeout,
  };
}

function refusal(error: z.ZodError): DfnsError {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys' && issue.path.length === 0) {
    const name = String(issue.keys[0]);
    if (LATER.includes(name)) return validation(`startNode has no option "${name}" in this version of dfns.`, name);
    const near = nearest(name, Object.keys(schema.shape));
    const advice = near ? `Did you mean "${near}"?` : `Its options are: ${Object.keys(schema.shape).join(', ')}.`;
    return validation(`There is no option "${name}" in startNode. ${advice}`, name);
  }
  const [name = 'options', ...path] = issue?.path ?? [];
  const where = path.map(each => (typeof each === 'number' ? `[${each}]` : `.${String(each)}`)).join('');
  return validation(`${String(name)}${where} of startNode: ${issue?.message ?? 'is not valid'}`, String(name));
}

function validation(message: string, option: string): DfnsError {
  return new DfnsError('VALIDATION', message, { details: { option } });
}

function isTask(value: unknown): boolean {
  return anObject(value) && (value as AnyTask).kind === 'task';
}

function isStore(value: unknown): boolean {
  return anObject(value) && typeof (value as Store).commit === 'function' && typeof (value as Store).due === 'function';
}

function isLog(value: unknown): boolean {
  return anObject(value) && typeof (value as Log).write === 'function';
}

function isTracerProvider(value: unknown): boolean {
  return anObject(value) && typeof (value as TracerProvider).getTracer === 'function';
}
