import cluster from 'node:cluster';
import { enableCompileCache, stripTypeScriptTypes } from 'node:module';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { DfnsError } from '@dfnsjs/actor-core';
import type { Middleware } from '@dfnsjs/client';
import { terminalLog, withoutSecrets } from '@dfnsjs/telemetry';
import type { DfnsNode } from '../node/node.ts';
import { startNode, startNodeAmong } from '../node/start-node.ts';
import type { NodeOptions } from '../options.ts';
import { loadFiles, type UserCode } from '../user-code/load.ts';
import { exitCodeOf } from './exit-code.ts';
import { FailedWork } from './failed-work.ts';
import { describeFailure, loggedFailure } from './failure.ts';
import { freePort } from './free-port.ts';
import { giveBackMemory } from './give-back.ts';
import { followHeld, lookAtOpenOnes, startAgain } from './misfits.ts';
import { readSettings, withOrigin, type NodeSettings } from './node-settings.ts';
import type { Order, Report } from './protocol.ts';
import { hidePassword } from './secrets.ts';
import { recordSources } from './sources.ts';
import { Siblings } from './siblings.ts';
import { paintFor } from './terminal.ts';
import { filesOrDefault } from './user-files.ts';

/**
 * The program of a node's own process, under `dfns dev` and `dfns serve`. Its parent loads it, lets it serve, drains it,
 * and starts another when it dies. Where the parent is gone it drains by itself.
 */
interface Build {
  readonly settings: NodeSettings;
  readonly code: UserCode;
  readonly dev: boolean;
  readonly slot: number | undefined;
}

const DEFAULT_PORT = 3367;
const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent'];
const sources = new Set<string>();
let build: Build | undefined;
let node: DfnsNode | undefined;
/** What it left in hand goes on before it serves. */
let starting: Promise<DfnsNode> | undefined;
let ownMetrics: (() => Promise<string>) | undefined;
let ending = false;
const siblings = new Siblings(report);

function report(message: Report): void {
  // A parent that is gone hears nothing; `disconnect` ends this process then.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Loads ahead what a build needs, and what Node needs to read TypeScript: a third of a second that nobody waits for. */
async function warm(): Promise<void> {
  await import('@dfnsjs/storage/sqlite');
  // Of no other use: Node says that stripping by this call is experimental, which is nothing to users.
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    stripTypeScriptTypes('let warm: number;');
  } finally {
    process.emitWarning = emitWarning;
  }
}

async function load(order: Extract<Order, { kind: 'load' }>): Promise<void> {
  const { request, dev, codeCache } = order;
  if (codeCache !== undefined) enableCompileCache(codeCache);
  const settings = await readSettings(request, process.env);
  if (settings.configPath) sources.add(settings.configPath);
  const inConfig = settings.files.length === 0 && settings.values['workflows'] !== undefined;
  const files = inConfig ? [] : await filesOrDefault(settings.files, request.cwd);
  for (const file of files) sources.add(resolve(request.cwd, file));
  const code = await recordSources(sources, () => loadFiles(files, { folder: request.cwd, imports: settings.imports }));
  build = { settings, code, dev, slot: request.slot };
  report({
    kind: 'loaded',
    sources: [...sources],
    workflows: code.workflows.map(({ name, version }) => (version === 1 ? name : `${name}@${version}`)),
    tasks: code.tasks.map(({ name }) => name),
  });
}

async function serve({ settings, code, dev, slot }: Build, looks: boolean, port?: number): Promise<void> {
  const given = settings.values as Partial<NodeOptions>;
  const options: NodeOptions = {
    ...given,
    workflows: [...code.workflows, ...(given.workflows ?? [])],
    tasks: [...code.tasks, ...(given.tasks ?? [])],
    ...(slot === undefined ? {} : { cluster: clusterOfSlot(given, slot) }),
  };
  const failed = new FailedWork(report);
  try {
    starting = dev ? startOnFreePort(forPeople(options, failed, looks), port) : startServing(options, slot);
    node = await starting;
  } catch (error) {
    throw withOrigin(error, settings);
  }
  report({
    kind: 'ready',
    url: node.url,
    store: typeof given.store === 'object' ? 'of the config file' : hidePassword(given.store ?? 'memory:'),
  });
  if (!dev) return giveBackMemory();
  // A feed that ends does so with the node.
  failed.follow(node.client).catch(() => undefined);
  if (looks) await lookAtOpenOnes(node.client);
  followHeld(node.client, report);
}

async function startServing(options: NodeOptions, slot: number | undefined): Promise<DfnsNode> {
  if (slot === undefined) return startNode(options);
  const started = await startNodeAmong(options, { process: String(slot), others: () => siblings.pages() });
  ({ ownMetrics } = started);
  return started.node;
}

/** Each process is a node, with a place of its own that it keeps when it is started again. */
function clusterOfSlot({ transport, cluster, http }: Partial<NodeOptions>, slot: number): NodeOptions['cluster'] {
  if (transport === undefined) {
    throw new DfnsError(
      'VALIDATION',
      '--processes starts several nodes, which must reach each other: give --transport, such as nats://HOST:4222.',
      { details: { option: 'transport' } },
    );
  }
  const port = (typeof http === 'object' ? http.port : undefined) ?? DEFAULT_PORT;
  const address = cluster?.address ?? `${hostname()}:${port || process.ppid}`;
  return { ...cluster, address: `${address}/${slot}` };
}

/** On a port that nobody asked for it takes the next free one; over a change the same. */
async function startOnFreePort(options: NodeOptions, first = DEFAULT_PORT): Promise<DfnsNode> {
  const http = options.http === true ? {} : options.http;
  if (!http || http.port !== undefined) return startNode(options);
  const host = http.host ?? '127.0.0.1';
  for (let from = first; ;) {
    const port = await freePort(from, host);
    try {
      return await startNode({ ...options, http: { ...http, port } });
    } catch (error) {
      // Another took it between the look and the start.
      const isTaken = error instanceof DfnsError && error.code === 'UNAVAILABLE' && error.details?.['port'] === port;
      if (!isTaken) throw error;
      from = port + 1;
    }
  }
}

/** What a dev server adds to the options: lines for people, on a pipe too, and what fails. */
function forPeople(options: NodeOptions, failed: FailedWork, isReload: boolean): NodeOptions {
  const { middleware = [] } = options;
  return {
    ...options,
    log: readableLog(options.log, isReload),
    middleware: Array.isArray(middleware) ? [failed.middleware, ...(middleware as readonly Middleware[])] : middleware,
  };
}

function readableLog(level: NodeOptions['log'], isReload: boolean): NodeOptions['log'] {
  // What is no level is refused with the other options.
  if (typeof level === 'object' || !LEVELS.includes(level ?? 'info')) return level;
  const log = terminalLog(level ?? 'info', process.stderr, () => Date.now());
  return {
    write(level, message, fields) {
      // Told by the parent, with what can be done.
      if (fields?.['code'] === 'NON_DETERMINISM') return;
      // Where it listens stays as it was.
      if (isReload && message.startsWith('dfns listens on')) return;
      log.write(level, message, fields);
    },
  };
}

async function drain(): Promise<void> {
  if (ending) return;
  ending = true;
  const started = await starting?.catch(() => undefined);
  await started?.stop();
  process.exit(0);
}

function fail(error: unknown): void {
  const message = describeFailure(error, false, paintFor(process.stderr, process.env), process.env);
  const logged = loggedFailure(error, process.env, withoutSecrets);
  const failed: Report = { kind: 'failed', message, logged, exitCode: exitCodeOf(error), sources: [...sources] };
  if (!process.connected) process.exit(exitCodeOf(error));
  process.send?.(failed, undefined, undefined, () => process.exit(exitCodeOf(error)));
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'warm':
      return warm();
    case 'load':
      return load(order);
    case 'serve':
      return build && serve(build, order.lookAtOpenOnes, order.port);
    case 'drain':
      return drain();
    case 'start-again':
      return node && startAgain(node.client, order.id, report);
    case 'metrics':
      return report({ kind: 'metrics', question: order.question, page: (await ownMetrics?.()) ?? '' });
    case 'others':
      return siblings.answered(order.question, order.pages);
  }
}

// Where several share a port, Node would end this process with its parent; it drains instead.
if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
process.on('message', (order: Order) => {
  obey(order).catch(fail);
});
process.on('disconnect', () => {
  drain().catch(fail);
});
process.on('SIGTERM', () => {
  drain().catch(fail);
});
// Ctrl-C reaches all processes of a terminal: the parent decides what it means.
process.on('SIGINT', () => undefined);
report({ kind: 'booted' });
