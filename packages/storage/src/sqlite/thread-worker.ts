import { parentPort, workerData } from 'node:worker_threads';
import type { SqliteCore } from './core.ts';
import { openSession } from './session.ts';
import { type Answer, type Call, type Method, pack, packFailure, unpack } from './thread-protocol.ts';

/** The thread's side of ThreadStore: opens the file, then does one call after the other, in the order they came. */
const port = parentPort;
if (!port) throw new Error('thread-worker runs as a worker thread only.');

function invoke(core: SqliteCore, method: Method, args: readonly unknown[]): unknown {
  const call = core[method] as (...args: readonly unknown[]) => unknown;
  return call.apply(core, [...args]);
}

function answer(message: Answer): void {
  const buffer = pack(message);
  port!.postMessage(buffer, [buffer]);
}

try {
  const session = openSession(String(workerData));
  port.on('message', (buffer: ArrayBuffer) => {
    const { number, method, args } = unpack(buffer) as Call;
    try {
      answer({ number, value: method === 'close' ? session.close() : invoke(session.core, method, args) });
    } catch (error) {
      answer({ number, failure: packFailure(error) });
    }
    // Without its port the thread has nothing left to wait for, and ends.
    if (method === 'close') port.close();
  });
  answer({ number: 0, value: undefined });
} catch (error) {
  answer({ number: 0, failure: packFailure(error) });
}
