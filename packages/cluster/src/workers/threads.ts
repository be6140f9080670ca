import { DfnsError } from '@dfnsjs/actor-core';
import type {
  Clock,
  Log,
  ThreadCall,
  ThreadListener,
  ThreadOutcome,
  ThreadPool,
  Timer,
} from '@dfnsjs/actor-core/ports';
import { encodeError } from '@dfnsjs/actor-core/records';
import { availableParallelism } from 'node:os';
import { MessageChannel, receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { Piscina } from 'piscina';
import type { FromThread, ThreadWork, ToThread } from './thread-protocol.ts';

/** How long a body that was aborted may go on before its thread is ended. */
const GRACE_MS = 2_000;
/** A thread that has nothing to do ends after this long. */
const IDLE_MS = 30_000;
/** Beside this file, and of its kind: the source where that runs, else what was built of it. */
const ENTRY = new URL(`./thread-entry${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

export interface ThreadsOptions {
  /** By task, the URL of the module that exports it. */
  readonly files: ReadonlyMap<string, string>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly log: Log;
  /** Threads at most. Default: as many as the machine runs at once. */
  readonly threads?: number | undefined;
}

/** A pool of worker threads for bodies. It is made when the first one comes. */
export class Threads implements ThreadPool {
  readonly #options: ThreadsOptions;
  #pool: Promise<Piscina<ThreadWork, ThreadOutcome>> | null = null;
  #isClosed = false;
  readonly #threads: number;
  readonly #queue: { readonly work: ThreadWork; readonly body: BodyInThread }[] = [];
  #busy = 0;

  constructor(options: ThreadsOptions) {
    this.#options = options;
    this.#threads = options.threads ?? availableParallelism();
  }

  run(call: ThreadCall, listener: ThreadListener): { abort(reason: Error): void } {
    const file = this.#options.files.get(call.task);
    if (file === undefined) {
      const advice = `Task "${call.task}" runs in a thread: name the file that exports it in \`files\`.`;
      listener.ended(failure(new DfnsError('VALIDATION', advice), true));
      return { abort: () => undefined };
    }
    const body = new BodyInThread(listener, this.#options.clock);
    this.#queue.push({ work: { call, file, port: body.port }, body });
    void this.#next();
    return body;
  }

  /** Ends all threads, whatever runs in them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#pool)?.destroy();
  }

  /**
   * The pool never has more than it has threads for: one whose thread was ended would leave what it keeps waiting
   * where it is.
   */
  async #next(): Promise<void> {
    if (this.#busy >= this.#threads) return;
    const next = this.#queue.shift();
    if (!next) return;
    this.#busy++;
    await this.#run(next.work, next.body);
    this.#busy--;
    void this.#next();
  }

  async #run(work: ThreadWork, body: BodyInThread): Promise<void> {
    let outcome: ThreadOutcome;
    try {
      const pool = await (this.#pool ??= this.#open());
      if (this.#isClosed) throw new Error('This node is stopping.');
      outcome = await pool.run(work, { transferList: [work.port], signal: body.killed });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const lost = `The thread of task "${work.call.task}" ended before its body did: ${why}`;
      outcome = failure(new DfnsError('INTERNAL', lost, { cause: error }), false);
    }
    body.ended(outcome);
  }

  async #open(): Promise<Piscina<ThreadWork, ThreadOutcome>> {
    const { Piscina: Pool } = await import('piscina');
    const pool = new Pool<ThreadWork, ThreadOutcome>({
      filename: ENTRY.href,
      minThreads: 0,
      maxThreads: this.#threads,
      idleTimeout: IDLE_MS,
      // What bodies leave behind, such as sockets that are kept alive, goes on between two of them.
      atomics: 'async',
    });
    pool.on('error', (error: unknown) =>
      this.#options.log.write('error', 'a thread ended by an error when no body ran in it', { error: String(error) }),
    );
    return pool;
  }
}

/** A body on its way through the pool: carries what it says, and ends its thread if it does not end itself. */
class BodyInThread {
  readonly #listener: ThreadListener;
  readonly #clock: ThreadsOptions['clock'];
  readonly #channel = new MessageChannel();
  readonly #kill = new AbortController();
  #hasBegun = false;
  #hasEnded = false;
  #grace: Timer | undefined;

  constructor(listener: ThreadListener, clock: ThreadsOptions['clock']) {
    this.#listener = listener;
    this.#clock = clock;
    this.#channel.port1.on('message', (message: FromThread) => this.#said(message));
  }

  get port(): ThreadWork['port'] {
    return this.#channel.port2;
  }

  get killed(): AbortSignal {
    return this.#kill.signal;
  }

  abort(reason: Error): void {
    if (this.#hasEnded || this.#grace) return;
    // It waits for a thread: there is nobody to tell.
    if (!this.#hasBegun) return this.#kill.abort();
    this.#channel.port1.postMessage({ kind: 'abort', reason: encodeError(reason) } satisfies ToThread);
    this.#grace = this.#clock.setTimer(this.#clock.now() + GRACE_MS, () => this.#kill.abort());
  }

  ended(outcome: ThreadOutcome): void {
    // What was said last may not have been heard: the outcome comes by another port.
    for (let last = receive(this.#channel.port1); last; last = receive(this.#channel.port1)) this.#said(last.message);
    this.#hasEnded = true;
    this.#grace?.cancel();
    this.#channel.port1.close();
    this.#listener.ended(outcome);
  }

  #said(message: FromThread): void {
    if (this.#hasEnded) return;
    switch (message.kind) {
      case 'began':
        this.#hasBegun = true;
        return this.#listener.began();
      case 'beat':
        return this.#listener.beat(message.progress);
      case 'log':
        return this.#listener.log(message.level, message.message, message.fields);
    }
  }
}

function receive(port: MessagePort): { readonly message: FromThread } | undefined {
  return receiveMessageOnPort(port);
}

function failure(error: unknown, final: boolean): ThreadOutcome {
  return { kind: 'failed', error: encodeError(error), final, afterMs: null, progress: null };
}
