import { setTimeout as pause } from 'node:timers/promises';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import { logError } from './log-line.ts';
import type { NodeRequest } from './node-request.ts';
import { SharedMetrics } from './shared-metrics.ts';
import { howEnded, NodeProcess, restartDelayMs, WELL_AFTER_MS } from './processes.ts';

/**
 * Deaths in a row, none of them after it served, that are waited for: work that is taken up before it serves may take the
 * process down five times until it is held, and another may behind it.
 */
const DEATHS_AT_START = 10;

/**
 * Runs nodes, each in a process of its own, until it is asked to stop, and starts one again when it dies. Several share
 * the port. Where one cannot serve at first, none is to. Gives the exit code.
 */
export async function serve(request: NodeRequest, io: Io, processes: number): Promise<number> {
  if (processes === 1) return keepServing(request, io, io.interrupted);
  const failed = new AbortController();
  const sharing = new SharedMetrics();
  const codes = await Promise.all(
    Array.from({ length: processes }, async (_, index) => {
      const ends = AbortSignal.any([io.interrupted, failed.signal]);
      const code = await keepServing({ ...request, slot: index + 1 }, io, ends, sharing);
      if (code !== EXIT.done) failed.abort();
      return code;
    }),
  );
  return codes.find(code => code !== EXIT.done) ?? EXIT.done;
}

async function keepServing(request: NodeRequest, io: Io, ends: AbortSignal, sharing?: SharedMetrics): Promise<number> {
  const { slot } = request;
  const name = slot === undefined ? 'the node' : `node ${slot}`;
  // As in metrics, whose scrapes tell the processes apart by it.
  const which = slot === undefined ? {} : { process: String(slot) };
  let deaths = 0;
  let servedBefore = false;
  while (!ends.aborted) {
    // What Node keeps of the code that it took from its cache is 4 MB of dfns for good. Without the user's, which TypeScript
    // is read into, it would keep what reads TypeScript: 8 MB.
    const { NODE_COMPILE_CACHE: codeCache, ...env } = io.env;
    const node = new NodeProcess(request.cwd, env, slot !== undefined);
    sharing?.add(node);
    const stop = () => void node.drain();
    ends.addEventListener('abort', stop, { once: true });
    const startedAt = Date.now();
    const loaded = await node.load(request, false, codeCache);
    const served = loaded.kind === 'loaded' ? await node.serve(false) : loaded;
    if (served.kind === 'failed') {
      await node.ended;
      if (ends.aborted) break;
      const isDeath = loaded.kind === 'loaded' && served.isDeath === true;
      const isToLive = servedBefore || (isDeath && deaths < DEATHS_AT_START);
      const { message, logged } = served;
      const next = isToLive ? ' It is started again.' : '';
      const text = `${slot === undefined ? '' : `${name}: `}${message}${next}`;
      logError(io, text, { ...which, ...logged, msg: logged.msg + next });
      // What says that it cannot serve a first time will not the second: that is for whoever started it.
      if (!isToLive) return served.exitCode;
    } else {
      servedBefore = true;
      const ended = await node.ended;
      if (ends.aborted) return ended.code === 0 ? EXIT.done : EXIT.failed;
      const message = `The process of ${name} ended ${howEnded(ended)}; it is started again.`;
      logError(io, message, { ...which, msg: message });
    }
    ends.removeEventListener('abort', stop);
    deaths = Date.now() - startedAt > WELL_AFTER_MS ? 1 : deaths + 1;
    await pause(restartDelayMs(deaths), undefined, { signal: ends }).catch(() => undefined);
  }
  return EXIT.done;
}
