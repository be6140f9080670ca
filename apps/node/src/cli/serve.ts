import { setTimeout as pause } from 'node:timers/promises';
import { EXIT } from './exit-code.ts';
import type { Io } from './io.ts';
import type { NodeRequest } from './node-request.ts';
import { howEnded, NodeProcess, restartDelayMs, WELL_AFTER_MS } from './processes.ts';

/** Runs a node in a process of its own until it is asked to stop, and starts it again when it dies. Gives the exit code. */
export async function serve(request: NodeRequest, io: Io): Promise<number> {
  let deaths = 0;
  let servedBefore = false;
  while (!io.interrupted.aborted) {
    const node = new NodeProcess(request.cwd, io.env);
    const stop = () => void node.drain();
    io.interrupted.addEventListener('abort', stop, { once: true });
    const startedAt = Date.now();
    const loaded = await node.load(request, false);
    const served = loaded.kind === 'loaded' ? await node.serve(false) : loaded;
    if (served.kind === 'failed') {
      await node.ended;
      if (io.interrupted.aborted) break;
      io.stderr.write(`${served.message}\n`);
      // What serves no first time will not serve the second: that is for whoever started it.
      if (!servedBefore) return served.exitCode;
    } else {
      servedBefore = true;
      const ended = await node.ended;
      if (io.interrupted.aborted) return ended.code === 0 ? EXIT.done : EXIT.failed;
      io.stderr.write(`The process of the node ended ${howEnded(ended)}; it is started again.\n`);
    }
    io.interrupted.removeEventListener('abort', stop);
    deaths = Date.now() - startedAt > WELL_AFTER_MS ? 1 : deaths + 1;
    await pause(restartDelayMs(deaths), undefined, { signal: io.interrupted }).catch(() => undefined);
  }
  return EXIT.done;
}
