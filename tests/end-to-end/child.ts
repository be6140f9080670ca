import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** A program of `programs/` in a process of its own. */
export class Child {
  readonly #process: ChildProcess;
  readonly ended: Promise<unknown>;
  /** What it said on standard error. */
  errors = '';

  /** It goes with its test, however that ends. */
  constructor(t: ExecutionContext, program: string, ...args: string[]) {
    this.#process = spawn(
      process.execPath,
      ['--max-old-space-size=128', join(import.meta.dirname, 'programs', program), ...args],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    this.#process.stderr?.on('data', (text: Buffer) => (this.errors += text.toString()));
    this.ended = once(this.#process, 'exit');
    t.teardown(() => this.#process.kill('SIGKILL'));
  }

  /** Throws what the program said if it ended by itself, so that a test does not wait for it for ever. */
  get isRunning(): boolean {
    if (this.#process.exitCode !== null) throw new Error(`The program ended: ${this.errors}`);
    return true;
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended;
  }
}
