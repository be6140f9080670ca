import { fork, type ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { extname, join } from 'node:path';
import type { NodeRequest } from './node-request.ts';
import type { Failed, Loaded, Order, Ready, Report } from './protocol.ts';

const PROGRAM = join(import.meta.dirname, `node-process${extname(import.meta.filename)}`);
/** Beyond what the node itself takes to end: ten seconds of service, answers in hand, bodies, a store that is silent. */
const DRAIN_GRACE_MS = 75_000;

/** A scrape has ten seconds by default. */
const METRICS_MS = 2_000;

const STDIO = ['ignore', 'inherit', 'inherit', 'ipc'] as const;

/**
 * V8 takes what all executions in flight hold for long-lived and makes more of it in the old generation, where each of it
 * keeps what is young until a full collection: a tenth of the CPU of a busy node.
 */
const NODE_ARGUMENTS = ['--no-allocation-site-pretenuring'];

/**
 * Of the C library: an arena a thread, as it is by default, costs a node that does nothing some 3 MB, and what was large
 * and is free again half an MB, where the library moves its bounds to keep such blocks for the next.
 */
const NODE_ENVIRONMENT = { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '131072', MALLOC_TRIM_THRESHOLD_: '131072' };

/** None outlives this process. One listener for all: there can be one a core. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach(child => child.kill('SIGKILL')));

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A node in a process of its own, as its parent sees it. It never outlives the parent. */
export class NodeProcess {
  readonly ended: Promise<Ended>;
  #running = true;
  #failed: Failed | undefined;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(report: Report) => void>();

  /** `sharesPort`: what it listens on is this process's, which gives each connection to one of those that share it. */
  constructor(cwd: string, given: NodeJS.ProcessEnv, sharesPort = false) {
    const env = { ...NODE_ENVIRONMENT, ...given };
    const execArgv = [...process.execArgv, ...NODE_ARGUMENTS];
    this.#process = sharesPort
      ? forkSharing(cwd, env, execArgv)
      : fork(PROGRAM, [], { cwd, env, execArgv, stdio: [...STDIO] });
    running.add(this.#process);
    this.#process.on('message', (report: Report) => {
      if (report.kind === 'failed') this.#failed = report;
      for (const listener of [...this.#listeners]) listener(report);
    });
    this.ended = new Promise(resolve => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        this.#running = false;
        running.delete(this.#process);
        resolve({ code, signal });
      };
      this.#process.once('exit', end);
      this.#process.once('error', () => end(1, null));
    });
  }

  get isRunning(): boolean {
    return this.#running;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Calls `listener` with every report from now on. */
  onReport(listener: (report: Report) => void): void {
    this.#listeners.add(listener);
  }

  /** Lets it load ahead what it will need. */
  warm(): void {
    this.#send({ kind: 'warm' });
  }

  load(request: NodeRequest, dev: boolean, codeCache?: string): Promise<Loaded | Failed> {
    return this.#ask({ kind: 'load', request, dev, codeCache }, 'loaded');
  }

  serve(lookAtOpenOnes: boolean, port?: number): Promise<Ready | Failed> {
    return this.#ask({ kind: 'serve', lookAtOpenOnes, port }, 'ready');
  }

  /** What it counts, as text for Prometheus; empty where it ends or says nothing in time. */
  async metrics(question: number): Promise<string> {
    const answered = new Promise<string>(resolve => {
      const hear = (report: Report) => {
        if (report.kind !== 'metrics' || report.question !== question) return;
        this.#listeners.delete(hear);
        resolve(report.page);
      };
      this.#listeners.add(hear);
      setTimeout(() => {
        this.#listeners.delete(hear);
        resolve('');
      }, METRICS_MS).unref();
    });
    this.#send({ kind: 'metrics', question });
    return Promise.race([answered, this.ended.then(() => '')]);
  }

  tellOthers(question: number, pages: readonly string[]): void {
    this.#send({ kind: 'others', question, pages });
  }

  startAgain(id: string): void {
    this.#send({ kind: 'start-again', id });
  }

  /** Ends it in order; by force where it does not end. */
  async drain(): Promise<Ended> {
    this.#send({ kind: 'drain' });
    const timer = setTimeout(() => this.kill(), DRAIN_GRACE_MS);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #send(order: Order): void {
    // What could not be sent is answered by the end of the process.
    if (this.#process.connected) this.#process.send(order, () => undefined);
  }

  async #ask<Kind extends 'loaded' | 'ready'>(
    order: Order,
    kind: Kind,
  ): Promise<Extract<Report, { kind: Kind }> | Failed> {
    const answered = new Promise<Extract<Report, { kind: Kind }> | Failed>(resolve => {
      this.#listeners.add(report => {
        if (report.kind === kind || report.kind === 'failed') resolve(report as Failed);
      });
    });
    this.#send(order);
    return Promise.race([answered, this.ended.then(ended => this.#failed ?? died(ended))]);
  }
}

function forkSharing(cwd: string, env: NodeJS.ProcessEnv, execArgv: string[]): ChildProcess {
  cluster.setupPrimary({ exec: PROGRAM, args: [], cwd, execArgv, stdio: [...STDIO] });
  const worker = cluster.fork(env);
  // Of the process too, where it is heard.
  worker.on('error', () => undefined);
  return worker.process;
}

function died(ended: Ended): Failed {
  const message = `The process of the node ended ${howEnded(ended)}.`;
  const logged = { msg: message };
  return { kind: 'failed', message, logged, exitCode: 1, sources: [], isDeath: true };
}

export function howEnded({ code, signal }: Ended): string {
  return signal ? `by ${signal}` : `with exit code ${code}`;
}

/** How long to wait before a process that died is started again: nothing at first, then more with each early death. */
export function restartDelayMs(deathsInARow: number): number {
  return deathsInARow <= 1 ? 0 : Math.min(100 * 2 ** (deathsInARow - 2), 10_000);
}

/** A process that served this long was well. */
export const WELL_AFTER_MS = 30_000;
