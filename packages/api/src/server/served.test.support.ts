import { inspect } from 'node:util';
import { encode } from '@dfnsjs/actor-core/values';
import type { Operations } from '@dfnsjs/client';
import { parseApiKeys, type ApiKey } from '../auth/keys.ts';
import { startHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';

export interface Served {
  readonly url: string;
  readonly server: HttpServer;
  /** What the operations were asked, in order. */
  readonly asked: { readonly operation: keyof Operations; readonly request: Record<string, unknown> }[];
  readonly logged: string[];
  send(method: string, path: string, init?: Sent): Promise<Answer>;
}

export interface Sent {
  /** A string is sent as it is, other values as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: {
    readonly error: { readonly code: string; readonly message: string; readonly requestId: string };
  } & Record<string, unknown>;
}

const address = { id: 'a', runId: 'r1', workflow: 'w', version: 1 };
const listed = {
  ...address,
  status: 'completed' as const,
  startedAt: 0,
  attributes: {},
  waiting: [],
  turns: 1,
  bytes: 1,
  build: 'b',
};

const HISTORY_FILE = {
  format: 'dfns-history/1' as const,
  execution: {
    namespace: 'n',
    id: 'a',
    runId: 'r1',
    workflow: 'w',
    version: 1,
    build: 'b',
    status: 'running' as const,
    startedAt: '1970-01-01T00:00:00.000Z',
    closedAt: null,
    seed: 1,
    lineage: null,
    headers: null,
    deadline: null,
    runDeadline: null,
  },
  input: null,
  output: null,
  carry: null,
  turns: [],
};

const NODE = {
  ...{ id: 'n', address: 'host:1', build: 'b', state: 'ready' as const, duty: 'serve' as const, shards: 1 },
  ...{ residents: 0, loopLagMs: 0, leaseMs: 3_000, transport: true, workflows: [] },
};

/** Operations that answer as if an execution "a" were there. */
const ANSWERS: { readonly [Name in keyof Operations]: Awaited<ReturnType<Operations[Name]>> } = {
  start: { ...address, existing: false },
  describe: { ...listed, input: encode({ secret: 1 }), result: encode({ secret: 2 }), runs: [], shard: 0, node: 'n' },
  list: { items: [listed] },
  count: { count: 1, byStatus: {}, byWorkflow: {}, capped: false },
  result: { status: 'completed', output: encode('done') },
  turn: { runId: 'r1', turn: 1 },
  signal: { messageId: 'm' },
  query: encode(7),
  update: encode(8),
  cancel: { messageId: 'm' },
  terminate: undefined,
  retry: { id: 'a', runId: 'r1' },
  startUpdate: { updateId: 'u' },
  updateOutcome: encode(8),
  signalWithStart: { ...address, existing: true },
  updateWithStart: { ...address, existing: false, updateId: 'u' },
  setAttributes: { messageId: 'm' },
  retryTaskNow: undefined,
  completeTask: undefined,
  failTask: undefined,
  exportHistory: HISTORY_FILE,
  timeline: { runId: 'r1', status: 'running', startedAt: 0, spans: [] },
  state: { runId: 'r1', turn: 1, at: 0, status: 'running', attributes: {}, open: [] },
  delete: undefined,
  events: {
    async *[Symbol.asyncIterator]() {
      yield { cursor: 'c1' };
      yield {
        cursor: 'c2',
        event: { type: 'closed', namespace: 'n', ...address, status: 'completed', turn: 2, at: 0 },
      };
    },
  },
  startBatch: { verdicts: [] },
  definitions: { workflows: [], tasks: [] },
  cluster: { nodes: [NODE], shards: { total: 1, owned: 1, moving: 0 }, membershipVersion: 1, self: 'n' },
  cordonNode: NODE,
  drainNode: NODE,
  uncordonNode: NODE,
  info: { node: 'n', build: 'b', store: 'memory', shards: 1, now: 0 },
  history: { runId: 'r1', items: [{ seq: 1, turn: 1, at: 0, type: 'started', value: encode({ secret: 3 }) }] },
};

/** A clock whose timers a test rings. */
export function manualClock() {
  const timers = new Set<{ readonly at: number; readonly ring: () => void }>();
  return {
    now: () => 1_000,
    setTimer(at: number, ring: () => void) {
      const timer = { at, ring };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
    /** Those that are set for so long from now. */
    after: (ms: number) => [...timers].filter(({ at }) => at === 1_000 + ms),
    ring(ms: number) {
      for (const timer of this.after(ms)) {
        timers.delete(timer);
        timer.ring();
      }
    },
  };
}

/** A server on a free port over operations of which some may be given; it ends with the test. */
export async function serve(
  t: { teardown(end: () => Promise<void>): void },
  options: Partial<Omit<HttpServerOptions, 'apiKeys' | 'operations'>> & {
    readonly keys?: string | readonly ApiKey[];
    readonly operations?: Partial<Operations>;
  } = {},
): Promise<Served> {
  const asked: Served['asked'] = [];
  const logged: string[] = [];
  const { keys, operations: given, ...rest } = options;
  const operations = Object.fromEntries(
    Object.entries(ANSWERS).map(([name, answer]) => {
      const operation = name as keyof Operations;
      const answers = given?.[operation] as ((request: never, wait?: never) => Promise<unknown>) | undefined;
      return [
        name,
        (request: Record<string, unknown>, wait?: unknown) => {
          asked.push({ operation, request });
          if (answers) return answers(request as never, wait as never);
          return name === 'events' ? answer : Promise.resolve(answer);
        },
      ];
    }),
  ) as unknown as Operations;
  let made = 0;
  const server = await startHttpServer({
    operations,
    host: '127.0.0.1',
    port: 0,
    apiKeys: parseApiKeys(keys),
    hosts: undefined,
    trustProxy: false,
    version: '1.2.3',
    metrics: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1' }),
    health: { started: () => true, ready: () => true },
    clock: {
      now: () => Date.now(),
      setTimer: (at, ring) => {
        const timer = setTimeout(ring, Math.max(0, at - Date.now()));
        return { cancel: () => clearTimeout(timer) };
      },
    },
    chance: { random: () => 0.5, uuid: () => `00000000-0000-7000-8000-${String(++made).padStart(12, '0')}` },
    log: { write: (_, message, fields) => void logged.push(`${message} ${inspect(fields)}`) },
    ...rest,
  });
  t.teardown(() => server.close(0));
  return { url: server.url, server, asked, logged, send: (...call) => send(server.url, ...call) };
}

async function send(url: string, method: string, path: string, { body, headers }: Sent = {}): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: (isJson ? JSON.parse(text) : {}) as Answer['json'],
  };
}
