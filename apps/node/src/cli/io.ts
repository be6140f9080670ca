import type { Connect } from './connect.ts';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** All that a verb sees of its process; tests give it their own. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** Asks whoever sits at the terminal; absent where nobody does. Rejects when `signal` is aborted. */
  readonly ask?: ((question: string, signal: AbortSignal) => Promise<string>) | undefined;
  /** All of standard input, as text. */
  readStdin(): Promise<string>;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly connect: Connect;
}
