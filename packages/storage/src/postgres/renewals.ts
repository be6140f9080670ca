import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { Renewal, RenewalOptions, Renewals } from '@dfnsjs/actor-core/ports';
import type { Incarnation } from '@dfnsjs/actor-core/records';
import type { ConnectionSettings } from './connection.ts';
import { FAILED, type FromThread, monotonicMs, RenewalMemory } from './renewal-memory.ts';

/** Beside this file, with its extension. */
const THREAD = import.meta.url.replace(/renewals\.(\w+)$/, 'renewals-thread.$1');
/** How often the main loop says that it goes on. */
const STAMP_MS = 100;
/** How long a thread may take to say goodbye to the server. */
const GOODBYE_MS = 2_000;

/** What the thread is given. */
export interface RenewalOrder {
  readonly settings: ConnectionSettings;
  readonly incarnation: Incarnation;
  readonly everyMs: number;
  readonly maxStallMs: number;
  readonly shared: SharedArrayBuffer;
  readonly port: MessagePort;
}

/**
 * A lease that is renewed from a thread with a connection of its own, as long as the main loop has gone on within
 * `maxStallMs`: a busy turn loses no lease, a loop that hangs does. A thread that dies is replaced.
 */
export class ThreadRenewals implements Renewals {
  readonly now = monotonicMs;
  readonly stamp: () => void;
  readonly #order: Omit<RenewalOrder, 'shared' | 'port'>;
  readonly #memory = new RenewalMemory();
  readonly #stamps: NodeJS.Timeout;
  readonly #listeners: ((renewal: Renewal) => void)[] = [];
  readonly #failureListeners: (() => void)[] = [];
  /** Answers that were read and not told yet. */
  #untold: Renewal[] = [];
  #last: Renewal | undefined;
  #read = 0;
  #port: MessagePort | undefined;
  #worker: Worker | undefined;
  #again: NodeJS.Timeout | undefined;
  #exited: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(settings: ConnectionSettings, incarnation: Incarnation, options: RenewalOptions) {
    const { everyMs, maxStallMs } = options;
    this.#order = { settings, incarnation, everyMs, maxStallMs };
    this.stamp = () => this.#memory.stamp(monotonicMs(), options.report());
    this.stamp();
    this.#stamps = setInterval(this.stamp, STAMP_MS).unref();
    this.#begin();
  }

  last(): Renewal | undefined {
    if (this.#memory.answers !== this.#read) this.#receive();
    return this.#last;
  }

  onAnswer(listener: (renewal: Renewal) => void): void {
    this.#listeners.push(listener);
  }

  onFailure(listener: () => void): void {
    this.#failureListeners.push(listener);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#stamps);
    clearTimeout(this.#again);
    const worker = this.#worker;
    if (!worker) return;
    this.#port?.postMessage('stop', []);
    const impatience = setTimeout(() => void worker.terminate(), GOODBYE_MS);
    await this.#exited;
    clearTimeout(impatience);
  }

  #begin(): void {
    const { port1, port2 } = new MessageChannel();
    const order: RenewalOrder = { ...this.#order, shared: this.#memory.shared, port: port2 };
    const worker = new Worker(new URL(THREAD), { workerData: order, transferList: [port2] });
    this.#worker = worker;
    this.#read = this.#memory.answers;
    this.#port = port1;
    port1.on('message', (message: FromThread) => {
      if (message === FAILED) return this.#tellFailure();
      this.#take(message);
      this.#tell();
    });
    port1.unref();
    worker.unref();
    // What ended it ends it: the lease is renewed by the next one, or is lost.
    worker.on('error', () => undefined);
    this.#exited = new Promise(resolve => {
      worker.once('exit', () => {
        port1.close();
        this.#worker = undefined;
        if (!this.#stopped) this.#again = setTimeout(() => this.#begin(), this.#order.everyMs).unref();
        resolve();
      });
    });
  }

  /** Reads what has come without a turn of the loop. Listeners hear of it in one of their own. */
  #receive(): void {
    for (;;) {
      const received = this.#port && receiveMessageOnPort(this.#port);
      if (!received) return;
      const message = received.message as FromThread;
      if (message === FAILED) {
        setImmediate(() => this.#tellFailure());
        continue;
      }
      this.#take(message);
      if (this.#untold.length === 1) setImmediate(() => this.#tell());
    }
  }

  #take(renewal: Renewal): void {
    this.#read++;
    this.#last = renewal;
    this.#untold.push(renewal);
  }

  #tellFailure(): void {
    for (const listener of this.#failureListeners) listener();
  }

  #tell(): void {
    const untold = this.#untold;
    this.#untold = [];
    for (const renewal of untold) for (const listener of this.#listeners) listener(renewal);
  }
}
