import { parentPort, workerData } from 'node:worker_threads';
import { openSession } from './session.ts';
import { type Answer, type Call, pack, packFailure, unpack } from './thread-protocol.ts';

/** The thread's side of ThreadStore: opens the file, then does one call after the other, in the order they came. */
const port = parentPort;
if (!port) throw new Error('thread-worker runs as a worker thread only.');

function answer(message: Answer): void {
  const buffer = pack(message);
  port!.postMessage(buffer, [buffer]);
}

try {
  const session = openSession(String(workerData));
  port.on('message', (buffer: ArrayBuffer) => {
    const { number, method, args } = unpack(buffer) as Call;
    try {
      if (method === 'close') {
        session.close();
        port.close();
        answer({ number, value: undefined });
        return;
      }
      const call = session.core[method] as (...args: readonly unknown[]) => unknown;
      answer({ number, value: call.apply(session.core, [...args]) });
    } catch (error) {
      answer({ number, failure: packFailure(error) });
    }
  });
  answer({ number: 0, value: undefined });
} catch (error) {
  answer({ number: 0, failure: packFailure(error) });
}
