import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Eid } from '@dfnsjs/actor-core/values';
import { SharedStage } from './stage.ts';

/**
 * A stage that is written down as it changes, so that even a death without any warning (SIGKILL, a fault in native
 * code) leaves a name. It takes microseconds where memory takes none: for the time after a process ended by that.
 */
export class TracedStage extends SharedStage {
  #file: number | null;

  /** Throws what the file system does. */
  constructor(path: string) {
    super();
    this.#file = openSync(path, 'w');
  }

  override enterTurn(eid: Eid, command: number): void {
    super.enterTurn(eid, command);
    this.#write();
  }

  override leave(): void {
    super.leave();
    this.#write();
  }

  /** Only in memory from now on; the file shows nobody. Throws what the file system does. */
  endTrace(): void {
    const file = this.#file;
    if (file === null) return;
    this.#file = null;
    try {
      ftruncateSync(file);
    } finally {
      closeSync(file);
    }
  }

  #write(): void {
    if (this.#file === null) return;
    try {
      writeSync(this.#file, this.image(), 0, undefined, 0);
    } catch {
      // A full disk: what cannot be written down is not, and turns go on.
      this.endTrace();
    }
  }
}
