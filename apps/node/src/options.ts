import { DfnsError, type AnyTask, type AnyWorkflow, type Deps, type Duration, type Layer } from '@dfnsjs/actor-core';
import type { DeterminismMode } from '@dfnsjs/actor-core/engine';
import type { Middleware } from '@dfnsjs/client';
import {
  nearest,
  parseDuration,
  parseId,
  parseRetention,
  type Retention,
  type RetentionOption,
} from '@dfnsjs/actor-core/values';
import type { Log, LogLevel, Store } from '@dfnsjs/actor-core/ports';
import { parseApiKeys, type ApiKey } from '@dfnsjs/api';
import type { TracerProvider } from '@dfnsjs/telemetry';
import { z } from 'zod';
import type { OnStall } from './watchdog/protocol.ts';

/** How much a node says on standard error; or where its lines go. */
export type LogOption = LogLevel | 'silent' | Log;

/** Whether a node counts, and where it sends that besides. */
export type MetricsOption = boolean | { readonly statsd?: string | undefined };

/** All that a node is started with. */
export interface NodeOptions {
  /** What this node runs. Two of one name and version are refused. */
  readonly workflows: readonly AnyWorkflow[];
  /** Tasks are found through the workflows that run them; listing them checks that no two have one name. */
  readonly tasks?: readonly AnyTask[] | undefined;
  /**
   * Files that export tasks with `thread: true`; paths from the working directory, or `file:` URLs. Each is loaded here and
   * in each thread.
   */
  readonly files?: readonly string[] | undefined;
  /**
   * `memory:`, `sqlite:PATH`, `postgres://…`, or an object that implements Store. Several nodes can share Postgres; the
   * others are one node's alone. Default `memory:`.
   */
  readonly store?: string | Store | undefined;
  /** How nodes of one store reach each other: `nats://…`. Default: they do not, and one node does all. */
  readonly transport?: string | undefined;
  /** What nodes of one cluster have in common, and how this one is known to the others. */
  readonly cluster?: ClusterOptions | undefined;
  /**
   * Around workflow functions, bodies of tasks and steps, and calls of the node's client; the first outermost. Around
   * workflows it is workflow code: deterministic, and the same while executions are open.
   */
  readonly middleware?: readonly Middleware[] | undefined;
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
  /** Messages that wait for one execution; a signal or update beyond is OVERLOADED. Default 10,000. */
  readonly mailbox?: number | undefined;
  /**
   * Calls, turns and writes that wait for the store: from here on new starts are OVERLOADED, from twice as many on
   * signals and updates. What runs goes on. Default 10,000.
   */
  readonly backlog?: number | undefined;
  /** As `backlog`, of task bodies in hand of this node. Default 20,000. */
  readonly bodies?: number | undefined;
  /** As `backlog`, of how late the event loop is. Default 1 s. */
  readonly maxLag?: Duration | undefined;
  /** Fixed when the store is created. Default 16, or 256 where several nodes can share it. */
  readonly shards?: number | undefined;
  /** Default 'info'. Lines of JSON where standard error is no terminal. */
  readonly log?: LogOption | undefined;
  /**
   * How workflow code is taken that no replay can repeat (`Date.now`, `Math.random`, timers, `fetch`, waits for promises
   * that are not from ctx): 'warn' once for each place, 'throw' an error that names the line and what ctx has instead,
   * or 'off'. The same for all nodes of a store. Default 'warn'.
   */
  readonly determinism?: DeterminismMode | undefined;
  /**
   * How long the event loop may stand still, held up by code that does not give it back. Then the execution whose code
   * that is (if it is one's) is named on standard error, and `onStall` is done. Default 10 s, at least 1 s.
   */
  readonly maxStall?: Duration | undefined;
  /**
   * 'kill' ends the process with SIGKILL, for a supervisor to start it again; an execution that took it down five times
   * in 24 h is held. 'report' only names it. Default 'report'.
   */
  readonly onStall?: OnStall | undefined;
  /**
   * Counts what the node does, for `node.metrics()` and `/metrics`; `statsd: 'udp://HOST:PORT'` sends it there too.
   * Default: true where there is `http`.
   */
  readonly metrics?: MetricsOption | undefined;
  /**
   * Spans by OpenTelemetry: of this TracerProvider, or with true of the one that the program registered before. Default:
   * of that one if there is one; false: none.
   */
  readonly tracing?: boolean | TracerProvider | undefined;
  /**
   * How long executions are kept after their end whose workflow does not say so itself, at least a day: one time, or
   * `{ completed, failed, cancelled }`. Default: for good.
   */
  readonly retention?: RetentionOption | undefined;
  /** How long `stop` waits for running task bodies before it aborts them. Default 30 s. */
  readonly drainTimeout?: Duration | undefined;
  /** Serves the operations over HTTP; `{}` or true with all defaults. Default: it does not. */
  readonly http?: boolean | HttpOptions | undefined;
}

/** How a node is one of several. */
export interface ClusterOptions {
  /** Clusters that share a transport are apart by it. Letters, digits, "_" and "-". Default 'dfns'. */
  readonly name?: string | undefined;
  /** What only nodes of the cluster know: they sign what they send to each other with it. Default: it is not signed. */
  readonly secret?: string | undefined;
  /** Names this node's place, the same after a restart, so that it gets its shards again. Default: host name and port. */
  readonly address?: string | undefined;
  /** How long after its death nobody takes a node's shards, at least 500 ms. Default 3 s. */
  readonly lease?: Duration | undefined;
}

/** How a node serves HTTP. */
export interface HttpOptions {
  /** Default 3367; 0 takes a free one: `node.url` says which. */
  readonly port?: number | undefined;
  /** Default 127.0.0.1. Another than this machine's own needs `apiKeys`. */
  readonly host?: string | undefined;
  /** `role[@namespace]=key`, as a list or with commas between them, or objects. Roles: reader, app, operator, admin, metrics. */
  readonly apiKeys?: string | readonly (string | ApiKey)[] | undefined;
  /** Lets whoever reaches another host than this machine's own do all, without a key. Default false. */
  readonly insecure?: boolean | undefined;
  /** Names under which the node may be asked, beside localhost, addresses and `host`. Default: any, if there are keys. */
  readonly hosts?: readonly string[] | undefined;
  /** Proxies stand before the node: callers are those that they tell. Default false. */
  readonly trustProxy?: boolean | undefined;
  /** How long `stop` goes on serving, told not ready, so that balancers look elsewhere. Default 0. */
  readonly shutdownDelay?: Duration | undefined;
}

export interface ParsedHttp {
  readonly port: number;
  readonly host: string;
  readonly apiKeys: readonly ApiKey[];
  readonly hosts: readonly string[] | undefined;
  readonly trustProxy: boolean;
  readonly shutdownDelayMs: number;
}

export interface ParsedOptions {
  readonly workflows: readonly AnyWorkflow[];
  readonly tasks: readonly AnyTask[];
  readonly files: readonly string[];
  readonly store: string | Store;
  readonly transport: string | undefined;
  readonly cluster: {
    readonly name: string;
    readonly secret?: string | undefined;
    readonly address?: string | undefined;
    readonly leaseMs?: number | undefined;
  };
  readonly middleware: readonly Middleware[];
  readonly deps: Deps;
  readonly build: string | undefined;
  readonly namespace: string;
  readonly passivateAfterMs: number | undefined;
  readonly residents: number | undefined;
  readonly admission: {
    readonly mailbox?: number | undefined;
    readonly backlog?: number | undefined;
    readonly bodies?: number | undefined;
    readonly lagMs?: number | undefined;
  };
  readonly shards: number | undefined;
  readonly log: LogOption;
  readonly determinism: DeterminismMode;
  readonly maxStallMs: number;
  readonly onStall: OnStall;
  readonly metrics: MetricsOption;
  readonly tracing: boolean | TracerProvider | undefined;
  readonly retention: Retention | undefined;
  readonly drainTimeoutMs: number;
  readonly http: ParsedHttp | undefined;
}

const anObject = (value: unknown) => typeof value === 'object' && value !== null;
const duration = (name: string) => z.custom<Duration>().transform(value => parseDuration(value, name));
const layer = z.custom<Layer<never>>(value => typeof value === 'function', 'must be a function (call, next) => …');
const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

const schema = z.strictObject({
  workflows: z.array(z.custom<AnyWorkflow>(anObject, 'must be what workflow(…) returns')),
  tasks: z.array(z.custom<AnyTask>(isTask, 'must be what task(…) returns')).default([]),
  files: z.array(z.string().min(1)).default([]),
  store: z
    .union([z.string(), z.custom<Store>(isStore)], 'must be a URL such as "sqlite:./app.db", or implement Store')
    .default('memory:'),
  transport: z.string().min(1).optional(),
  cluster: z
    .strictObject({
      name: z
        .string()
        .regex(/^[\w-]{1,64}$/, 'must be letters, digits, "_" and "-", up to 64')
        .default('dfns'),
      secret: z.string().min(16, 'must have 16 characters at least').optional(),
      address: z.string().min(1).max(256).optional(),
      lease: duration('cluster.lease')
        .refine(ms => ms >= 500, 'must be at least 500 ms')
        .optional(),
    })
    .default({ name: 'dfns' }),
  middleware: z
    .array(z.strictObject({ task: layer.optional(), workflow: layer.optional(), client: layer.optional() }))
    .default([]),
  deps: z.custom<Deps>(anObject, 'must be an object').default({}),
  build: z.string().min(1).optional(),
  namespace: z
    .custom<string>()
    .transform(value => parseId(value, 'namespace'))
    .default('default'),
  sticky: z.boolean().default(true),
  passivateAfter: duration('passivateAfter').optional(),
  residents: z.int().min(1).optional(),
  mailbox: z.int().min(1).optional(),
  backlog: z.int().min(1).optional(),
  bodies: z.int().min(1).optional(),
  maxLag: duration('maxLag').optional(),
  shards: z.int().min(1).max(4_096).optional(),
  log: z
    .union([z.enum(levels), z.custom<Log>(isLog)], `must be one of ${levels.join(', ')}, or implement Log`)
    .default('info'),
  maxStall: duration('maxStall')
    .refine(ms => ms >= 1_000, 'must be at least 1 s')
    .default(10_000),
  onStall: z.enum(['report', 'kill']).default('report'),
  determinism: z.enum(['off', 'warn', 'throw']).default('warn'),
  metrics: z
    .union(
      [z.boolean(), z.strictObject({ statsd: z.string().optional() })],
      "must be a boolean, or { statsd: 'udp://…' }",
    )
    .optional(),
  tracing: z
    .union(
      [z.boolean(), z.custom<TracerProvider>(isTracerProvider)],
      'must be a boolean, or a TracerProvider of OpenTelemetry',
    )
    .optional(),
  retention: z
    .custom<RetentionOption>()
    .transform(value => parseRetention(value, 'retention'))
    .optional(),
  drainTimeout: duration('drainTimeout').default(30_000),
  http: z.union([z.boolean(), z.custom<HttpOptions>(anObject)], 'must be true or an object').default(false),
});

const httpSchema = z.strictObject({
  port: z.int().min(0).max(65_535).default(3367),
  host: z.string().min(1).default('127.0.0.1'),
  apiKeys: z
    .custom<HttpOptions['apiKeys']>()
    .transform(value => parseApiKeys(value))
    .default([]),
  insecure: z.boolean().default(false),
  hosts: z.array(z.string().min(1)).optional(),
  trustProxy: z.boolean().default(false),
  shutdownDelay: duration('http.shutdownDelay').default(0),
});

/** An option that can be given as text: by flag or environment. */
export interface TextOption {
  readonly path: readonly string[];
  readonly kind: 'text' | 'number' | 'boolean' | 'list';
}

/** Code has no form in text. */
const CODE = ['workflows', 'tasks', 'middleware', 'deps'];

/** All options, and those of nested ones, that have a form in text. */
export function textOptions(): readonly TextOption[] {
  const own = Object.entries(schema.shape)
    .filter(([name]) => !CODE.includes(name))
    .flatMap(([name, type]) => asText([name], type));
  return [...own, ...asText(['http'], httpSchema)];
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
const LATER = ['payloads', 'taskQueues', 'queues', 'limits', 'limit'];

/** VALIDATION names what is wrong, and the nearest option to one that does not exist. */
export function parseOptions(options: unknown): ParsedOptions {
  const { data, error } = schema.safeParse(options);
  if (error) throw refusal(error);
  const {
    sticky,
    passivateAfter,
    drainTimeout,
    maxStall,
    mailbox,
    backlog,
    bodies,
    maxLag: lagMs,
    http,
    cluster: { lease: leaseMs, ...cluster },
    ...rest
  } = data;
  if (!sticky && passivateAfter !== undefined) {
    throw validation('sticky: false puts actors out at once; leave passivateAfter out.', 'passivateAfter');
  }
  return {
    ...rest,
    middleware: rest.middleware as readonly Middleware[],
    build: rest.build,
    transport: rest.transport,
    cluster: { ...cluster, leaseMs },
    residents: rest.residents,
    shards: rest.shards,
    admission: { mailbox, backlog, bodies, lagMs },
    metrics: rest.metrics ?? http !== false,
    tracing: rest.tracing,
    retention: rest.retention,
    passivateAfterMs: sticky ? passivateAfter : 0,
    maxStallMs: maxStall,
    drainTimeoutMs: drainTimeout,
    http: http === false ? undefined : parseHttp(http === true ? {} : http),
  };
}

/** Hosts that only this machine reaches. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|(.+\.)?localhost)$/i;

function parseHttp(options: HttpOptions): ParsedHttp {
  const { data, error } = httpSchema.safeParse(options);
  if (error) throw refusal(error, 'http', httpSchema);
  const { insecure, shutdownDelay, ...rest } = data;
  if (rest.apiKeys.length === 0 && !insecure && !LOOPBACK.test(rest.host)) {
    throw validation(
      `http of startNode: on host ${rest.host} anybody who reaches it could do all. ` +
        "Give apiKeys, such as 'admin=KEY', or say insecure: true.",
      'http',
    );
  }
  return { ...rest, hosts: rest.hosts, shutdownDelayMs: shutdownDelay };
}

function refusal(error: z.ZodError, of = '', options: z.ZodObject = schema): DfnsError {
  const issue = error.issues[0];
  const path = [...(of ? [of] : []), ...(issue?.path ?? [])];
  if (issue?.code === 'unrecognized_keys') {
    const name = String(issue.keys[0]);
    if (path.length === 0 && LATER.includes(name)) {
      return validation(`startNode has no option "${name}" in this version of dfns.`, name);
    }
    const names = namesAt(options, issue.path);
    const near = nearest(name, names);
    const advice = near ? `Did you mean "${near}"?` : `Its options are: ${names.join(', ')}.`;
    const where = path.length > 0 ? `${placeOf(path)} of startNode` : 'startNode';
    return validation(`There is no option "${name}" in ${where}. ${advice}`, [...path, name].map(String).join('.'));
  }
  if (path.length === 0) path.push('options');
  return validation(`${placeOf(path)} of startNode: ${issue?.message ?? 'is not valid'}`, String(path[0]));
}

/** As code writes it: `cluster.lease`, `middleware[0].task`. */
function placeOf([name, ...path]: readonly PropertyKey[]): string {
  return String(name) + path.map(each => (typeof each === 'number' ? `[${each}]` : `.${String(each)}`)).join('');
}

/** Names of the options that the object at a path may have. */
function namesAt(type: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  if (type instanceof z.ZodOptional || type instanceof z.ZodDefault) return namesAt(type.def.innerType, path);
  if (type instanceof z.ZodUnion) return type.options.flatMap(option => namesAt(option, path));
  const [name, ...rest] = path;
  if (type instanceof z.ZodArray) return namesAt(type.def.element, rest);
  if (!(type instanceof z.ZodObject)) return [];
  const shape = type.shape as z.core.$ZodShape;
  if (name === undefined) return Object.keys(shape);
  const inner = shape[String(name)];
  return inner ? namesAt(inner, rest) : [];
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
