import { existsSync, rmSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

/**
 * The store's thread, which hangs in any call for as long as PATH-hangs is there, as one does whose disk hangs, and dies
 * of the call that finds PATH-dies.
 */
const asleep = new Int32Array(new SharedArrayBuffer(4));

function hang(): void {
  while (existsSync(`${String(workerData)}-hangs`)) Atomics.wait(asleep, 0, 0, 5);
}

hang();
parentPort!.on('message', () => {
  hang();
  const dies = `${String(workerData)}-dies`;
  if (!existsSync(dies)) return;
  rmSync(dies);
  process.exit(1);
});
await import('./thread-worker.ts');
