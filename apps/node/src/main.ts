import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { DfnsError } from '@dfnsjs/actor-core';
import { EXIT } from './cli/exit-code.ts';
import { httpFetch } from './cli/http-fetch.ts';
import { runProgram } from './program.ts';

/** Whoever sits at a terminal asks again by hand: it is said within a second that no node answers. */
const ATTEMPTS = 3;

/** The command `dfns`: runs the arguments of this process, and ends it with the exit code. */
export async function main(): Promise<void> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Who asks twice does not want to wait.
      if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
      interrupted.abort(new DfnsError('CANCELLED', `Interrupted by ${signal}.`));
    });
  }
  // `dfns list | head`: nobody reads the rest.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  const { stdin, stdout, stderr, env } = process;
  process.exitCode = await runProgram(process.argv.slice(2), {
    stdout,
    stderr,
    ask: stdin.isTTY && stdout.isTTY ? ask : undefined,
    readStdin: () => text(stdin),
    env,
    cwd: process.cwd(),
    interrupted: interrupted.signal,
    async connect({ url, apiKey, namespace }) {
      const { connect } = await import('@dfnsjs/client');
      return connect(url, { apiKey, namespace, attempts: ATTEMPTS, fetch: httpFetch });
    },
  });
  // Sockets that a client keeps open would hold the process.
  process.exit();
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  // On a terminal in readline's hands Ctrl-C is a key.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await lines.question(question, { signal });
  } finally {
    lines.close();
  }
}
