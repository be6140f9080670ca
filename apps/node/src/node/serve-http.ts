import type { Clock, Log } from '@dfnsjs/actor-core/ports';
import { startHttpServer, type HttpServer } from '@dfnsjs/api';
import type { ClusterNode } from '@dfnsjs/cluster';
import type { OpenedTelemetry } from '@dfnsjs/telemetry';
import type { ParsedHttp } from '../options.ts';
import { systemChance } from './system-chance.ts';

/** Answers in hand are sent within this, or their connections cut. */
const CLOSE_MS = 10_000;

/** Serves a node that has joined over HTTP. */
export function serveHttp(
  options: ParsedHttp,
  node: ClusterNode,
  version: string,
  clock: Clock,
  telemetry: Pick<OpenedTelemetry, 'metrics'>,
  log: Log,
): Promise<HttpServer> {
  return startHttpServer({
    ...options,
    operations: node.operations,
    version,
    metrics: () => telemetry.metrics(),
    // It listens from its join on, and until it is stopped.
    health: { started: () => true, ready: () => !node.isStranger },
    clock,
    chance: systemChance,
    log,
  });
}

/** Not ready at once, a while of service for whoever has not noticed, then no more. */
export async function endHttp(server: HttpServer, { shutdownDelayMs }: ParsedHttp, clock: Clock): Promise<void> {
  server.drain();
  if (shutdownDelayMs > 0) {
    await new Promise<void>(resolve => clock.setTimer(clock.now() + shutdownDelayMs, resolve));
  }
  await server.close(CLOSE_MS);
}
