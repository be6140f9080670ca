import { readFileSync } from 'node:fs';
import { WorkflowRegistry } from '@dfnsjs/actor-core/engine';
import type { Clock, Measurements, Store } from '@dfnsjs/actor-core/ports';
import { createClient } from '@dfnsjs/client';
import { ClusterNode } from '@dfnsjs/cluster';
import { openStore } from '@dfnsjs/storage';
import { meteredStore, openTelemetry, type OpenedTelemetry } from '@dfnsjs/telemetry';
import { parseOptions, type NodeOptions, type ParsedOptions } from '../options.ts';
import { fingerprint } from '../user-code/fingerprint.ts';
import { checkTasks } from '../user-code/tasks.ts';
import { drain } from './drain.ts';
import type { DfnsNode } from './node.ts';
import { attributeRejections } from './rejections.ts';
import { endHttp, serveHttp } from './serve-http.ts';
import { systemChance } from './system-chance.ts';
import { SystemClock } from './system-clock.ts';

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
  const parsed = parseOptions(options);
  const workflows = new WorkflowRegistry();
  for (const workflow of parsed.workflows) workflows.register(workflow);
  checkTasks(parsed.tasks);
  const build = parsed.build ?? fingerprint(workflows);
  const clock = new SystemClock();
  const telemetry = await openTelemetry({
    log: parsed.log,
    metrics: parsed.metrics,
    tracing: parsed.tracing,
    version: VERSION,
    output: process.stderr,
    now: () => clock.now(),
  });
  tellBuild(telemetry.measurements, build);
  const { opened, clusterNode } = await join(parsed, workflows, build, clock, telemetry).catch(
    async (error: unknown) => {
      await telemetry.close();
      throw error;
    },
  );
  const client = createClient({
    operations: clusterNode.operations,
    namespace: parsed.namespace,
    clock,
    chance: systemChance,
  });
  const endAttribution = attributeRejections();
  const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
  const end = async () => {
    try {
      await drain(clusterNode, opened, parsed.drainTimeoutMs);
    } finally {
      endAttribution();
      clearInterval(keepAlive);
      await telemetry.close();
    }
  };
  const { http } = parsed;
  const server =
    http && (await orEnd(serveHttp(http, clusterNode, { version: VERSION, build }, clock, telemetry), end));
  let stopped: Promise<void> | undefined;
  return {
    client,
    url: server?.url,
    build,
    metrics: () => telemetry.metrics(),
    stop: () => (stopped ??= server ? endHttp(server, http, clock).then(end, end) : end()),
  };
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
  telemetry: OpenedTelemetry,
) {
  const given = options.store;
  const { log, measurements, tracer } = telemetry;
  const opened =
    typeof given === 'string' ? await openStore(given, { clock: () => Math.floor(clock.now()) }) : undefined;
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
      deps: options.deps,
      build,
      shards: options.shards,
      residents: options.residents,
      passivateAfterMs: options.passivateAfterMs,
    });
    return { opened, clusterNode };
  } catch (error) {
    await opened?.close();
    throw error;
  }
}

function tellBuild(measurements: Measurements | undefined, build: string): void {
  measurements?.gauge('buildInfo', () => [[[VERSION, build, process.version], 1]]);
}
