import { DfnsError } from '@dfnsjs/actor-core';
import type { Chance, Clock, Timer } from '@dfnsjs/actor-core/ports';
import type { ServerResponse } from 'node:http';

/** Proxies end what is silent for longer, and a client takes silence for a cut. */
const COMMENT_EVERY_MS = 15_000;
/** A reader that takes nothing for so long is cut. */
const SLOW_MS = 30_000;
/** How long clients of a node that ends wait before they ask again: not all at once. */
const RETRY_MS = { least: 1_000, spread: 4_000 };

/** Why a stream ends: the server drains, the key of its caller has expired, or nobody reads it. */
const ENDED = new Error('The stream is over.');

/** Of a stream that has not begun. */
export function ending(): DfnsError {
  return new DfnsError('UNAVAILABLE', 'This node is ending. Listen at another, or when it is back.');
}

/** The streams of server-sent events of a server. Each ends by itself in what can end it; nothing of it is left then. */
export class Streams {
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #chance: Pick<Chance, 'random'>;
  readonly #open = new Set<EventStream>();
  #draining = false;

  constructor(clock: Pick<Clock, 'now' | 'setTimer'>, chance: Pick<Chance, 'random'>) {
    this.#clock = clock;
    this.#chance = chance;
  }

  /** A stream on a response that nothing was written to. `until`: when it has to end. UNAVAILABLE in a server that ends. */
  begin(response: ServerResponse, until: number): EventStream {
    if (this.#draining) throw ending();
    const stream = new EventStream(response, until, this.#clock, this.#chance, () => this.#open.delete(stream));
    this.#open.add(stream);
    return stream;
  }

  /** Ends all of them, and takes no more. */
  drain(): void {
    this.#draining = true;
    for (const stream of this.#open) stream.abort();
  }
}

/** One response as server-sent events. Never more is buffered than its socket asks for, and one event. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #clock: Pick<Clock, 'now' | 'setTimer'>;
  readonly #chance: Pick<Chance, 'random'>;
  readonly #abort = new AbortController();
  readonly #gone = () => this.abort();
  readonly #ended: () => void;
  readonly #expiry: Timer | undefined;
  #comment: Timer | undefined;

  constructor(
    response: ServerResponse,
    until: number,
    clock: Pick<Clock, 'now' | 'setTimer'>,
    chance: Pick<Chance, 'random'>,
    ended: () => void,
  ) {
    this.#response = response;
    this.#clock = clock;
    this.#chance = chance;
    this.#ended = ended;
    response.once('close', this.#gone);
    if (response.destroyed) this.abort();
    this.#expiry = until === Infinity ? undefined : clock.setTimer(until, this.#gone);
  }

  /** Aborted when the stream is to end. */
  get abortSignal(): AbortSignal {
    return this.#abort.signal;
  }

  abort(): void {
    this.#abort.abort(ENDED);
  }

  begin(headers: Readonly<Record<string, number | string | string[] | undefined>>): void {
    this.#response.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      // It has the connection for itself, which so ends with it.
      connection: 'close',
    });
    this.#response.flushHeaders();
    this.#commentLater();
  }

  /** Writes an event, or without `data` only where the stream stands. Resolves when the reader has room for more. */
  async send(id: string, event?: { readonly type: string; readonly data: string }): Promise<void> {
    const text = event ? `event: ${event.type}\nid: ${id}\ndata: ${event.data}\n\n` : `id: ${id}\n\n`;
    if (this.#response.write(text) || this.#abort.signal.aborted) return;
    await this.#drained();
  }

  /** Ends the response where that is still open; clients come back after a while, each after another. */
  end(): void {
    this.#comment?.cancel();
    this.#expiry?.cancel();
    this.#response.off('close', this.#gone);
    this.#ended();
    if (!this.#response.headersSent || this.#response.writableEnded || this.#response.destroyed) return;
    const retryMs = Math.round(RETRY_MS.least + this.#chance.random() * RETRY_MS.spread);
    this.#response.end(`retry: ${retryMs}\n\n`);
  }

  #drained(): Promise<void> {
    return new Promise(resolve => {
      const over = () => {
        timer.cancel();
        this.#response.off('drain', over);
        this.#abort.signal.removeEventListener('abort', over);
        resolve();
      };
      const timer = this.#clock.setTimer(this.#clock.now() + SLOW_MS, () => this.#response.destroy());
      this.#response.once('drain', over);
      this.#abort.signal.addEventListener('abort', over, { once: true });
    });
  }

  #commentLater(): void {
    this.#comment = this.#clock.setTimer(this.#clock.now() + COMMENT_EVERY_MS, () => {
      if (!this.#response.writableNeedDrain) this.#response.write(':\n\n');
      this.#commentLater();
    });
  }
}
