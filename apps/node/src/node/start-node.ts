import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { compose, DfnsError } from '@dfnsjs/actor-core';
import { guard, WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Clock, Log, Measurements, Store } from '@dfnsjs/actor-core/ports';
import { createClient, layers } from '@dfnsjs/client';
import { ClusterNode, openWire, Threads, threadTasks } from '@dfnsjs/cluster';
import { fileBeside, openStore } from '@dfnsjs/storage';
import { meteredStore, openTelemetry, type OpenedTelemetry, type SharedPort } from '@dfnsjs/telemetry';
import { parseOptions, type NodeOptions, type ParsedOptions } from '../options.ts';
import { fingerprint } from '../user-code/fingerprint.ts';
import { checkTasks } from '../user-code/tasks.ts';
import type { DeathPaths } from '../watchdog/death-file.ts';
import { startWatchdog } from '../watchdog/watchdog.ts';
import { drain } from './drain.ts';
import type { DfnsNode } from './node.ts';
import { NamedLog } from './named-log.ts';
import { attributeRejections } from './rejections.ts';
import { endHttp, serveHttp } from './serve-http.ts';
import { systemChance } from './system-chance.ts';
import { SystemClock } from './system-clock.ts';
import { keepTickShape } from './tick-shape.ts';

/** A timer this long is never due: it keeps the process alive, as a server's socket does. */
const KEEP_ALIVE_MS = 2 ** 31 - 1;

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const VERSION = (JSON.parse(manifest) as { readonly version: string }).version;

/**
 * Starts a node in this process. Resolves when it serves; executions that an earlier node left in hand go on by
 * themselves. VALIDATION for a wrong option, UNAVAILABLE where another process uses the store.
 *
 * ```ts
 * const node = await startNode({ workflows: [order], store: 'sqlite:./app.db', deps: { mailer } });
 * const receipt = await node.client.execute(order, input);
 * await node.stop();
 * ```
 */
export async function startNode(options: NodeOptions): Promise<DfnsNode> {
  return (await startNodeAmong(options)).node;
}

/** As `startNode`, for one of several processes that share a port; and what the others ask of it. */
export async function startNodeAmong(
  options: NodeOptions,
  sharedPort?: SharedPort,
): Promise<{ readonly node: DfnsNode; ownMetrics(): Promise<string> }> {
  const parsed = parseOptions(options);
  keepTickShape();
  const aroundWorkflows = layers(parsed.middleware, 'workflow');
  const workflows = new WorkflowRegistry(compose(aroundWorkflows));
  for (const workflow of parsed.workflows) workflows.register(workflow);
  checkTasks(parsed.tasks);
  const build = parsed.build ?? fingerprint(workflows, aroundWorkflows);
  const clock = new SystemClock();
  const files = await threadTasks(parsed.files, parsed.tasks);
  const telemetry = await openTelemetry({
    log: parsed.log,
    metrics: parsed.metrics,
    tracing: parsed.tracing,
    version: VERSION,
    sharedPort,
    output: process.stderr,
    now: () => clock.now(),
  });
  const log = new NamedLog(telemetry.log);
  tellBuild(telemetry.measurements, build);
  const endGuard = parsed.determinism === 'off' ? () => undefined : guard();
  const endAttribution = attributeRejections();
  const endGuards = () => {
    endAttribution();
    endGuard();
  };
  const threads = new Threads({ files, clock, log });
  const { opened, clusterNode, watchdog } = await join(parsed, workflows, build, clock, telemetry, log, threads).catch(
    async (error: unknown) => {
      endGuards();
      await telemetry.close();
      throw error;
    },
  );
  const client = createClient({
    operations: clusterNode.operations,
    namespace: parsed.namespace,
    middleware: layers(parsed.middleware, 'client'),
    clock,
    chance: systemChance,
  });
  const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
  const end = async () => {
    try {
      await drain(clusterNode, watchdog, opened, threads, parsed.drainTimeoutMs);
    } finally {
      endGuards();
      clearInterval(keepAlive);
      await telemetry.close();
    }
  };
  const { http } = parsed;
  const server = http && (await orEnd(serveHttp(http, clusterNode, VERSION, clock, telemetry, log), end));
  let stopped: Promise<void> | undefined;
  const node: DfnsNode = {
    client,
    url: server?.url,
    build,
    metrics: () => telemetry.metrics(),
    stop: () => (stopped ??= server ? endHttp(server, http, clock).then(end, end) : end()),
  };
  return { node, ownMetrics: () => telemetry.ownMetrics() };
}

/** What could not be served ends what it was to serve. */
async function orEnd<T>(serving: Promise<T>, end: () => Promise<void>): Promise<T> {
  try {
    return await serving;
  } catch (error) {
    await end();
    throw error;
  }
}

async function join(
  options: ParsedOptions,
  workflows: WorkflowRegistry,
  build: string,
  clock: Clock,
  { measurements, tracer }: OpenedTelemetry,
  log: NamedLog,
  threads: Threads,
) {
  const given = options.store;
  const opened =
    typeof given === 'string' ? await openStore(given, { clock: () => Math.floor(clock.now()) }) : undefined;
  const watchdog = startWatchdog({
    ...{ maxStallMs: options.maxStallMs, onStall: options.onStall, build, log, now: () => clock.now() },
    paths: opened && (await deathPaths(given as string)),
    store: opened?.noteDeath && (given as string),
    lines: options.log === 'silent' ? 'none' : process.stderr.isTTY ? 'text' : 'json',
  });
  const store = opened ?? (given as Store);
  try {
    const clusterNode = await ClusterNode.start({
      store: measurements ? meteredStore(store, measurements) : store,
      clock,
      chance: systemChance,
      log,
      measurements,
      tracer,
      workflows,
      tasks: options.tasks,
      version: VERSION,
      aroundTasks: compose(layers(options.middleware, 'task')),
      deps: options.deps,
      determinism: options.determinism,
      threads,
      build,
      stage: watchdog.stage,
      deaths: watchdog.deaths,
      joined: incarnation => {
        if (!store.exclusive) log.node = incarnation;
        watchdog.joined(incarnation);
      },
      shards: options.shards,
      residents: options.residents,
      admission: options.admission,
      passivateAfterMs: options.passivateAfterMs,
      maxStallMs: options.maxStallMs,
      retention: options.retention,
      ...clusterOptions(options, clock, log),
    });
    return { opened, clusterNode, watchdog };
  } catch (error) {
    watchdog.stop();
    await opened?.close();
    throw error;
  }
}

/** How the node is one of several; nothing where its store is its alone. */
function clusterOptions({ transport, cluster, store, http }: ParsedOptions, clock: Clock, log: Log) {
  const { name, secret, leaseMs } = cluster;
  const address = cluster.address ?? `${hostname()}:${http?.port || process.pid}`;
  const isShared = typeof store === 'string' ? store.startsWith('postgres') : !store.exclusive;
  if (!isShared) {
    if (transport === undefined) return {};
    throw new DfnsError(
      'VALIDATION',
      'transport is for several nodes of one store, and this store is one node’s alone: give a store such as "postgres://…", or leave transport out.',
      { details: { option: 'transport' } },
    );
  }
  return {
    ...{ cluster: name, secret, leaseMs, address },
    ...(transport === undefined
      ? {}
      : { connect: () => openWire(transport, { cluster: name, clock, chance: systemChance, log }) }),
  };
}

/** undefined: a store that has no file, whose executions do not outlive the process. */
async function deathPaths(store: string): Promise<DeathPaths | undefined> {
  const deaths = await fileBeside(store, '-deaths');
  return deaths === undefined ? undefined : { deaths, image: `${deaths}-image` };
}

function tellBuild(measurements: Measurements | undefined, build: string): void {
  measurements?.gauge('buildInfo', () => [[[VERSION, build, process.version], 1]]);
}
