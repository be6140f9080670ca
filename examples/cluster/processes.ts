import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const running = new Set<ChildProcess>();
// However this process ends, nothing that it started stays.
process.once('exit', () => running.forEach(child => child.kill('SIGKILL')));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/** A program in a process of its own. What it says on standard error is ours to say. */
export class Program {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;

  constructor(file: string, args: readonly string[]) {
    this.#child = spawn(file, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    running.add(this.#child);
    this.#gone = once(this.#child, 'exit').then(() => running.delete(this.#child));
  }

  /** Until it has sent a message; rejects if it ends before. */
  async ready(): Promise<void> {
    const ended = this.#gone.then(() => {
      throw new Error(`Process ${this.pid} ended before it was ready.`);
    });
    await Promise.race([once(this.#child, 'message'), ended]);
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Until the process is gone. */
  async end(signal: NodeJS.Signals): Promise<void> {
    this.#child.kill(signal);
    await this.#gone;
  }
}
